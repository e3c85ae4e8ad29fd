import { expect } from 'vitest';
import type { AppUnderTest } from './synthesized-app.ts';

/** Expects a target to be started at a time in a zone, to the minute, with empty input. That there are four in all, every-capability.test.ts says. */
export function expectSchedule({ resources }: AppUnderTest, targetArn: string | undefined, expression: string, zone: string): void {
  expect(targetArn).toMatch(/^arn:aws:(lambda|states):/);
  const schedules = resources('AWS::Scheduler::Schedule').map(({ properties }) => properties);
  expect(schedules.find(({ Target }) => (Target as { Arn: string }).Arn === targetArn)).toMatchObject({
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: zone,
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: 'ENABLED',
    Target: { Arn: targetArn, Input: '{}' },
  });
}
