import type { AlarmState } from './alarm.ts';

/** A composite alarm's rule is none. */
export class AlarmRuleError extends Error {
  override readonly name = 'AlarmRuleError';
}

export interface AlarmRule {
  /** Names or ARNs. */
  readonly alarms: readonly string[];
  readonly matches: (stateOf: (nameOrArn: string) => AlarmState) => boolean;
}

type Condition = AlarmRule['matches'];

/** Compiles `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))`, with TRUE and FALSE. @throws {AlarmRuleError} */
export function compileRule(text: string): AlarmRule {
  const tokens = text.match(/"[^"]*"|[()]|[^\s()"]+/g) ?? [];
  const alarms: string[] = [];
  let position = 0;
  const peek = () => tokens[position];
  const take = (expected?: string): string => {
    const token = tokens[position];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new AlarmRuleError(`the rule ${text}: found ${token ?? 'its end'}, expected ${expected ?? 'a condition'}`);
    position += 1;
    return token;
  };

  const any = (): Condition => {
    const parts = [all()];
    while (peek() === 'OR') {
      take();
      parts.push(all());
    }
    return (stateOf) => parts.some((part) => part(stateOf));
  };
  const all = (): Condition => {
    const parts = [single()];
    while (peek() === 'AND') {
      take();
      parts.push(single());
    }
    return (stateOf) => parts.every((part) => part(stateOf));
  };
  const single = (): Condition => {
    const token = take();
    if (token === 'NOT') {
      const inner = single();
      return (stateOf) => !inner(stateOf);
    }
    if (token === '(') {
      const inner = any();
      take(')');
      return inner;
    }
    if (token === 'TRUE' || token === 'FALSE') return () => token === 'TRUE';
    if (token !== 'ALARM' && token !== 'OK' && token !== 'INSUFFICIENT_DATA')
      throw new AlarmRuleError(`the rule ${text}: ${token} is not known; expected ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or (`);
    take('(');
    const alarm = take().replaceAll('"', '');
    take(')');
    alarms.push(alarm);
    return (stateOf) => stateOf(alarm) === token;
  };

  const matches = any();
  if (position < tokens.length) throw new AlarmRuleError(`the rule ${text}: ${tokens[position]} was not expected`);
  return { alarms, matches };
}
