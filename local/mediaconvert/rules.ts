/**
 * The vocabulary of `supported-settings.ts`: what a member of a request may be. A rule is data; `checkValue` is its only reader.
 * `needed` marks a member without which the service would choose a default that this executor does not implement, or refuse.
 */
export type Rule =
  | { readonly kind: 'oneOf'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly integer: boolean }
  | { readonly kind: 'text'; readonly pattern: RegExp; readonly meaning: string }
  | { readonly kind: 'list'; readonly of: Rule; readonly min: number; readonly max: number }
  | { readonly kind: 'map'; readonly of: Rule; readonly max: number }
  | { readonly kind: 'shape'; readonly members: Members; readonly needed: readonly string[] }
  | { readonly kind: 'variant'; readonly at: readonly string[]; readonly shapes: Readonly<Record<string, Rule>> };

export type Members = Readonly<Record<string, Rule>>;

export const oneOf = (...values: (string | number)[]): Rule => ({ kind: 'oneOf', values });
export const integer = (min: number, max: number): Rule => ({ kind: 'number', min, max, integer: true });
export const decimal = (min: number, max: number): Rule => ({ kind: 'number', min, max, integer: false });
export const text = (pattern: RegExp, meaning: string): Rule => ({ kind: 'text', pattern, meaning });
export const listOf = (of: Rule, { min = 0, max }: { min?: number; max: number }): Rule => ({ kind: 'list', of, min, max });
/** A map with free keys, such as `AudioSelectors`. */
export const mapOf = (of: Rule, { max }: { max: number }): Rule => ({ kind: 'map', of, max });
export const shape = (members: Members, needed: readonly string[] = []): Rule => ({ kind: 'shape', members, needed });
/** One of several shapes, told apart by the text found at `at`. */
export const variant = (at: readonly string[], shapes: Readonly<Record<string, Rule>>): Rule => ({ kind: 'variant', at, shapes });

/** Everything in `value` that `rule` does not allow, one sentence each, with its path. Null counts as absent, as on the wire. */
export function checkValue(rule: Rule, value: unknown, path: string): string[] {
  switch (rule.kind) {
    case 'oneOf':
      return rule.values.includes(value as string) ? [] : [`${path} is ${show(value)}; supported: ${rule.values.join(', ')}`];
    case 'number':
      return isNumberWithin(rule, value)
        ? []
        : [`${path} is ${show(value)}; expected ${rule.integer ? 'a whole number' : 'a number'} from ${rule.min} to ${rule.max}`];
    case 'text':
      return typeof value === 'string' && rule.pattern.test(value) ? [] : [`${path} is ${show(value)}; expected ${rule.meaning}`];
    case 'list':
      if (!Array.isArray(value)) return [`${path} is ${show(value)}; expected a list`];
      if (value.length < rule.min || value.length > rule.max) {
        return [`${path} has ${value.length} entries; supported: ${rule.min} to ${rule.max}`];
      }
      return value.flatMap((entry, index) => checkValue(rule.of, entry, `${path}[${index}]`));
    case 'map': {
      if (!isRecord(value)) return [`${path} is ${show(value)}; expected an object`];
      const entries = Object.entries(value);
      if (entries.length > rule.max) return [`${path} has ${entries.length} entries; supported: at most ${rule.max}`];
      return entries.flatMap(([key, entry]) => checkValue(rule.of, entry, `${path}[${JSON.stringify(key)}]`));
    }
    case 'shape':
      return checkShape(rule, value, path);
    case 'variant':
      return checkVariant(rule, value, path);
  }
}

function checkShape({ members, needed }: Extract<Rule, { kind: 'shape' }>, value: unknown, path: string): string[] {
  if (!isRecord(value)) return [`${path} is ${show(value)}; expected an object`];
  const present = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  const names = present.map(([name]) => name);
  return [
    ...present.flatMap(([name, member]) => {
      const rule = Object.hasOwn(members, name) ? members[name] : undefined;
      return rule === undefined ? [`${path}.${name} is not supported here (docs/parity.md)`] : checkValue(rule, member, `${path}.${name}`);
    }),
    ...needed.filter((name) => !names.includes(name)).map((name) => `${path}.${name} is missing; it must be given here`),
  ];
}

function checkVariant({ at, shapes }: Extract<Rule, { kind: 'variant' }>, value: unknown, path: string): string[] {
  const kind = at.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
  const chosen = typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
  if (chosen !== undefined) return checkValue(chosen, value, path);
  return [`${[path, ...at].join('.')} is ${show(kind)}; supported: ${Object.keys(shapes).join(', ')}`];
}

function isNumberWithin({ min, max, integer: whole }: Extract<Rule, { kind: 'number' }>, value: unknown): boolean {
  return typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
