import { UserError } from '../errors.ts';
import { nextRun } from './next-run.ts';

/** A schedule of EventBridge Scheduler. */
export interface Schedule {
  readonly name: string;
  /** @default default */
  readonly groupName: string;
  readonly expression: string;
  /** IANA name. */
  readonly timezone: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly targetArn: string;
  /** JSON text; `<aws.scheduler.…>` placeholders are filled at each run. */
  readonly input: string;
}

/** A schedule of the template that cannot be followed here. */
export class ScheduleError extends UserError {
  override readonly name = 'ScheduleError';
}

const FIELDS = [
  'Name',
  'GroupName',
  'Description',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'State',
  'FlexibleTimeWindow',
  'Target',
];
const TARGET_FIELDS = ['Arn', 'RoleArn', 'Input', 'RetryPolicy', 'DeadLetterConfig'];

/** Reads the resolved properties of an `AWS::Scheduler::Schedule`. @throws {ScheduleError} naming what has no stand-in */
export function parseSchedule(logicalId: string, properties: Readonly<Record<string, unknown>>): Schedule {
  const { Name = logicalId, GroupName = 'default', ScheduleExpression, ScheduleExpressionTimezone = 'UTC', State = 'ENABLED' } = properties;
  const target = (properties.Target ?? {}) as Readonly<Record<string, unknown>>;
  const unknown = [
    ...Object.keys(properties).filter((key) => !FIELDS.includes(key)),
    ...Object.keys(target).filter((key) => !TARGET_FIELDS.includes(key)),
  ];
  const window = properties.FlexibleTimeWindow as { Mode?: string } | undefined;
  const problem =
    unknown.length > 0
      ? `${unknown.join(', ')} has no stand-in; known: ${[...FIELDS, ...TARGET_FIELDS].join(', ')}`
      : window?.Mode !== 'OFF'
        ? `FlexibleTimeWindow is ${JSON.stringify(window)}, expected {"Mode":"OFF"}`
        : typeof target.Arn !== 'string'
          ? 'its Target has no Arn'
          : undefined;
  if (problem !== undefined) throw new ScheduleError(`the schedule "${Name}" cannot be followed here: ${problem}`);
  const schedule = {
    name: String(Name),
    groupName: String(GroupName),
    expression: String(ScheduleExpression),
    timezone: String(ScheduleExpressionTimezone),
  };
  nextRun(schedule.expression, schedule.timezone, new Date()); // throws when the expression or the zone cannot be followed
  return {
    ...schedule,
    state: State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
    targetArn: String(target.Arn),
    input: String(target.Input ?? '{}'),
  };
}
