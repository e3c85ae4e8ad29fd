import { type Cron, parseScheduleExpression, ScheduleExpressionError } from './schedule-expression.ts';

const DAY_MS = 86_400_000;

/**
 * The first run strictly after `after`; undefined when there is none. `rate(…)` counts from `after`.
 * A wall-clock time that daylight saving skips does not run, one that it repeats runs once, as with EventBridge Scheduler.
 * @throws {ScheduleExpressionError} for an expression or a zone that cannot be followed
 */
export function nextRun(expression: string, timezone: string, after: Date): Date | undefined {
  const parsed = parseScheduleExpression(expression);
  const zone = zoneOf(expression, timezone);
  if (parsed.kind === 'rate') return new Date(after.getTime() + parsed.everyMs);
  if (parsed.kind === 'cron') return nextCronRun(parsed.cron, zone, after);
  const at = instantOf(Date.parse(`${parsed.local}Z`), zone);
  return at !== undefined && at > after.getTime() ? new Date(at) : undefined;
}

function nextCronRun(cron: Cron, zone: Intl.DateTimeFormat, after: Date): Date | undefined {
  const lastYear = Math.max(...cron.years);
  const startWall = wallClock(after.getTime(), zone);
  for (let day = startWall - (startWall % DAY_MS); new Date(day).getUTCFullYear() <= lastYear; day += DAY_MS) {
    if (!matchesDay(cron, new Date(day))) continue;
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const instant = instantOf(day + hour * 3_600_000 + minute * 60_000, zone);
        if (instant !== undefined && instant > after.getTime()) return new Date(instant);
      }
    }
  }
  return undefined;
}

/** Wall-clock days are kept as if they were UTC. */
function matchesDay({ daysOfMonth, months, daysOfWeek, years }: Cron, day: Date): boolean {
  if (!years.has(day.getUTCFullYear()) || !months.includes(day.getUTCMonth() + 1)) return false;
  return daysOfMonth?.includes(day.getUTCDate()) ?? daysOfWeek?.includes(day.getUTCDay() + 1) ?? false;
}

/** The wall clock of a zone at an instant, as if it were UTC. */
function wallClock(instant: number, zone: Intl.DateTimeFormat): number {
  const parts = Object.fromEntries(zone.formatToParts(instant).map(({ type, value }) => [type, Number(value)])) as Record<string, number>;
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The first instant at which the zone's clock shows `wall`; undefined when it skips it. */
function instantOf(wall: number, zone: Intl.DateTimeFormat): number | undefined {
  // The zone's offset a day before and a day after covers both sides of a change of clocks.
  const candidates = [wall - DAY_MS, wall + DAY_MS].map((near) => wall - (wallClock(near, zone) - near));
  return candidates.sort((a, b) => a - b).find((instant) => wallClock(instant, zone) === wall);
}

function zoneOf(expression: string, timeZone: string): Intl.DateTimeFormat {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
  } catch {
    throw new ScheduleExpressionError(expression, `the time zone "${timeZone}" is unknown; use an IANA name such as Asia/Seoul`);
  }
}
