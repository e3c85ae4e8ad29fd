import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { nextRun } from '../../local/eventbridge/next-run.ts';
import { parseSchedule } from '../../local/eventbridge/schedule.ts';
import { Scheduler } from '../../local/eventbridge/scheduler.ts';

const next = (expression: string, zone: string, after: string) =>
  nextRun(expression, zone, new Date(after))?.toISOString().replace('.000Z', 'Z');

it.each<[expression: string, zone: string, after: string, expected: string | undefined]>([
  ['cron(0 2 * * ? *)', 'Asia/Seoul', '2026-11-22T16:59:59Z', '2026-11-22T17:00:00Z'],
  ['cron(0 2 * * ? *)', 'Asia/Seoul', '2026-11-22T17:00:00Z', '2026-11-23T17:00:00Z'],
  ['cron(*/5 * * * ? *)', 'UTC', '2026-11-22T17:01:00Z', '2026-11-22T17:05:00Z'],
  ['cron(5/20 9-10 ? * MON-FRI *)', 'UTC', '2026-11-20T10:45:00Z', '2026-11-23T09:05:00Z'],
  ['cron(0 0 29 2 ? *)', 'UTC', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['cron(30 8 1,15 JAN,JUL ? 2027)', 'Asia/Seoul', '2026-11-20T00:00:00Z', '2026-12-31T23:30:00Z'],
  ['cron(0 0 ? * 1 *)', 'UTC', '2026-11-21T12:00:00Z', '2026-11-22T00:00:00Z'],
  ['cron(0 0 1 1 ? 2020)', 'UTC', '2026-01-01T00:00:00Z', undefined],
  // Clocks in New York skip 02:00–03:00 on 2026-03-08 and repeat 01:00–02:00 on 2026-11-01.
  ['cron(30 2 * * ? *)', 'America/New_York', '2026-03-07T08:00:00Z', '2026-03-09T06:30:00Z'],
  ['cron(30 1 * * ? *)', 'America/New_York', '2026-10-31T12:00:00Z', '2026-11-01T05:30:00Z'],
  ['cron(30 1 * * ? *)', 'America/New_York', '2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z'],
  ['rate(5 minutes)', 'Asia/Seoul', '2026-11-22T17:01:30Z', '2026-11-22T17:06:30Z'],
  ['rate(1 day)', 'Asia/Seoul', '2026-11-22T17:00:00Z', '2026-11-23T17:00:00Z'],
  ['at(2026-11-23T02:00:00)', 'Asia/Seoul', '2026-11-22T00:00:00Z', '2026-11-22T17:00:00Z'],
  ['at(2026-11-23T02:00:00)', 'Asia/Seoul', '2026-11-22T17:00:00Z', undefined],
])('finds the run of %s in %s after %s', (expression, zone, after, expected) => {
  expect(next(expression, zone, after)).toBe(expected);
});

it.each<[expression: string, problem: RegExp]>([
  ['cron(0 2 L * ? *)', /"L" in day-of-month uses L, W or #/],
  ['cron(0 2 ? * 6#3 *)', /"6#3" in day-of-week/],
  ['cron(0 2 * * * *)', /exactly one of day-of-month/],
  ['cron(0 2 * * ?)', /found 5 fields/],
  ['cron(60 2 * * ? *)', /found "60" in minutes, expected 0 to 59/],
  ['cron(0 10-8 * * ? *)', /runs backwards/],
  ['rate(0 minutes)', /N of at least 1/],
  ['at(2026-11-23)', /expected at/],
  ['every day', /expected cron/],
])('refuses %s', (expression, problem) => {
  expect(() => nextRun(expression, 'UTC', new Date())).toThrow(problem);
});

it('refuses an unknown zone', () => {
  expect(() => nextRun('rate(1 hour)', 'Asia/Busan', new Date())).toThrow(/"Asia\/Busan" is unknown/);
});

const properties = {
  Name: 'daily',
  ScheduleExpression: 'cron(0 2 * * ? *)',
  ScheduleExpressionTimezone: 'Asia/Seoul',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: 'arn:machine', RoleArn: 'arn:role', Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
};

it('reads a schedule of the template and refuses what it cannot follow', () => {
  expect(parseSchedule('Daily', properties)).toMatchObject({
    name: 'daily',
    groupName: 'default',
    timezone: 'Asia/Seoul',
    state: 'ENABLED',
    targetArn: 'arn:machine',
  });
  expect(() => parseSchedule('Daily', { ...properties, FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } })).toThrow(
    /"daily".*FlexibleTimeWindow/,
  );
  expect(() => parseSchedule('Daily', { ...properties, EndDate: '2027-01-01' })).toThrow(/EndDate has no stand-in/);
  expect(() => parseSchedule('Daily', { ...properties, ScheduleExpression: 'cron(0 2 L * ? *)' })).toThrow(/uses L, W or #/);
});

beforeEach(() => vi.useFakeTimers({ now: Date.parse('2026-11-22T16:00:00Z') }));
afterEach(() => vi.useRealTimers());

function schedulerOf(schedules: Parameters<typeof parseSchedule>[1][], deliver = vi.fn(async (_arn: string, _input: unknown) => {})) {
  const failures: unknown[] = [];
  const scheduler = new Scheduler({
    schedules: schedules.map((one) => parseSchedule('S', one)),
    region: 'ap-northeast-2',
    accountId: '1',
    deliver,
    onDeliveryFailure: (failure) => failures.push(failure),
  });
  scheduler.start();
  return { scheduler, deliver, failures };
}

it('fires each run once with its scheduled time, until it is closed', async () => {
  const { scheduler, deliver } = schedulerOf([properties, { ...properties, Name: 'off', State: 'DISABLED' }]);
  await vi.advanceTimersByTimeAsync(60 * 60_000 - 1);
  expect(deliver).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(deliver.mock.calls).toEqual([['arn:machine', { at: '2026-11-22T17:00:00Z' }]]);
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(deliver).toHaveBeenCalledTimes(2);
  scheduler.close();
  await vi.advanceTimersByTimeAsync(48 * 3_600_000);
  expect(deliver).toHaveBeenCalledTimes(2);
});

it('reports a failed delivery and keeps the schedule', async () => {
  const deliver = vi.fn(async () => Promise.reject(new Error('away')));
  const { scheduler, failures } = schedulerOf([{ ...properties, ScheduleExpression: 'rate(10 minutes)' }], deliver);
  await vi.advanceTimersByTimeAsync(20 * 60_000);
  expect(failures).toMatchObject([{ schedule: 'daily', targetArn: 'arn:machine' }, { schedule: 'daily' }]);
  scheduler.close();
});
