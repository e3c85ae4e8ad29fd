import { UserError } from '../errors.ts';

/** A schedule expression that cannot be followed here. */
export class ScheduleExpressionError extends UserError {
  override readonly name = 'ScheduleExpressionError';

  constructor(expression: string, problem: string) {
    super(`the schedule expression "${expression}" cannot be followed here: ${problem}`);
  }
}

/** A parsed cron(): the values of each field in ascending order; `undefined` is `?`. Days of the week count from 1 = Sunday. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[] | undefined;
  readonly months: readonly number[];
  readonly daysOfWeek: readonly number[] | undefined;
  readonly years: ReadonlySet<number>;
}

export type ScheduleExpression =
  | { readonly kind: 'cron'; readonly cron: Cron }
  | { readonly kind: 'rate'; readonly everyMs: number }
  /** Wall-clock time in the schedule's zone: `2026-11-23T02:00:00`. */
  | { readonly kind: 'at'; readonly local: string };

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** @throws {ScheduleExpressionError} */
export function parseScheduleExpression(expression: string): ScheduleExpression {
  const [, kind, body = ''] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return { kind, cron: parseCron(expression, body) };
  if (kind === 'rate') return { kind, everyMs: parseRate(expression, body) };
  if (kind === 'at') {
    if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(body))
      throw new ScheduleExpressionError(expression, 'expected at(yyyy-mm-ddThh:mm:ss), without a zone');
    return { kind, local: body };
  }
  throw new ScheduleExpressionError(expression, 'expected cron(…), rate(…) or at(…)');
}

function parseRate(expression: string, body: string): number {
  const [, count = '', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? [];
  const everyMs = Number(count) * (UNIT_MS[unit] ?? 0);
  if (!(everyMs > 0))
    throw new ScheduleExpressionError(expression, 'expected rate(N minutes), rate(N hours) or rate(N days) with N of at least 1');
  return everyMs;
}

function parseCron(expression: string, body: string): Cron {
  const fields = body.trim().split(/\s+/);
  const [minutes = '', hours = '', daysOfMonth = '', months = '', daysOfWeek = '', years = ''] = fields;
  if (fields.length !== 6)
    throw new ScheduleExpressionError(
      expression,
      `found ${fields.length} fields, expected minutes hours day-of-month month day-of-week year`,
    );
  if ((daysOfMonth === '?') === (daysOfWeek === '?')) {
    throw new ScheduleExpressionError(
      expression,
      `exactly one of day-of-month (${daysOfMonth}) and day-of-week (${daysOfWeek}) must be "?"`,
    );
  }
  const field = (name: string, text: string, range: readonly [number, number], names?: readonly string[]) =>
    parseField({ expression, name, range, names }, text);
  return {
    minutes: field('minutes', minutes, [0, 59]),
    hours: field('hours', hours, [0, 23]),
    daysOfMonth: daysOfMonth === '?' ? undefined : field('day-of-month', daysOfMonth, [1, 31]),
    months: field('month', months, [1, 12], MONTHS),
    daysOfWeek: daysOfWeek === '?' ? undefined : field('day-of-week', daysOfWeek, [1, 7], DAYS),
    years: new Set(field('year', years, [1970, 2199])),
  };
}

interface Field {
  readonly expression: string;
  readonly name: string;
  readonly range: readonly [number, number];
  readonly names: readonly string[] | undefined;
}

/** A list of `*`, values, ranges, each with an optional step. */
function parseField(field: Field, text: string): number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [span = '', step] = part.split('/');
    const [first, last] = parseSpan(field, span, step !== undefined);
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1)
      throw new ScheduleExpressionError(field.expression, `the step of "${part}" in ${field.name} must be a whole number of at least 1`);
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function parseSpan(field: Field, span: string, stepped: boolean): [first: number, last: number] {
  const [least, greatest] = field.range;
  if (span === '*') return [least, greatest];
  const [from = '', to] = span.split('-');
  const first = parseValue(field, from);
  const last = to === undefined ? (stepped ? greatest : first) : parseValue(field, to);
  if (last < first)
    throw new ScheduleExpressionError(field.expression, `the range "${span}" in ${field.name} runs backwards; write it as a list`);
  return [first, last];
}

function parseValue({ expression, name, range, names }: Field, text: string): number {
  if (/[LW#]/.test(text) && !names?.includes(text))
    throw new ScheduleExpressionError(expression, `"${text}" in ${name} uses L, W or #, which have no stand-in; name the days`);
  const index = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = index >= 0 ? index + 1 : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range[0] && value <= range[1]) return value;
  throw new ScheduleExpressionError(
    expression,
    `found "${text}" in ${name}, expected ${range[0]} to ${range[1]}${names ? ` or ${names.join(', ')}` : ''}`,
  );
}
