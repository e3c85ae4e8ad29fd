import { describe, it } from 'vitest';
import { expectSchedule } from './expect-schedule.ts';
import { useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();

describe('what starts by itself', () => {
  it.each([
    ['DailyMigrationArn', 'cron(0 2 * * ? *)', 'Asia/Seoul'],
    ['CatchUpArn', 'rate(5 minutes)', 'Etc/UTC'],
  ])('is %s at %s in %s, with empty input', (output, expression, zone) => {
    expectSchedule(synthesized, synthesized.assembly.outputs[output], expression, zone);
  });
});
