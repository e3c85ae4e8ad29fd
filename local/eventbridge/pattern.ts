import { UserError } from '../errors.ts';

type Json = Readonly<Record<string, unknown>>;

/** An event pattern that cannot be matched here as EventBridge would. */
export class PatternError extends UserError {
  override readonly name = 'PatternError';
}

/**
 * Whether an event matches a pattern that `checkPattern` accepted. An array in the event matches when one of its elements does.
 * Source: EventBridge's content filtering.
 */
export function matchesPattern(pattern: Json, event: unknown): boolean {
  const fields = isObject(event) ? event : {};
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or') return (expected as Json[]).some((alternative) => matchesPattern(alternative, event));
    const actual = fields[key];
    if (Array.isArray(expected)) return matchesLeaf(expected, actual);
    return Array.isArray(actual)
      ? actual.some((element) => matchesPattern(expected as Json, element))
      : matchesPattern(expected as Json, actual);
  });
}

/** @throws {PatternError} naming what is not supported or makes no sense, by its path */
export function checkPattern(pattern: unknown, path = 'pattern'): void {
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    throw new PatternError(`${path}: found ${JSON.stringify(pattern)}, expected an object with at least one field`);
  for (const [key, value] of Object.entries(pattern)) {
    const at = `${path}.${key}`;
    if (key === '$or') {
      if (!Array.isArray(value) || value.length < 2) throw new PatternError(`${at}: expected a list of at least two patterns`);
      for (const [index, alternative] of value.entries()) checkPattern(alternative, `${at}[${index}]`);
    } else if (Array.isArray(value)) {
      if (value.length === 0) throw new PatternError(`${at}: found an empty list, which never matches; name the values`);
      for (const [index, filter] of value.entries()) checkFilter(filter, `${at}[${index}]`);
    } else {
      checkPattern(value, at);
    }
  }
}

function matchesLeaf(filters: readonly unknown[], actual: unknown): boolean {
  const values = Array.isArray(actual) ? actual : actual === undefined ? [] : [actual];
  const leaves = values.filter((value) => !isObject(value));
  return filters.some((filter) => {
    if (isObject(filter) && 'exists' in filter) return filter.exists === leaves.length > 0;
    return leaves.some((value) => matchesFilter(filter, value));
  });
}

function matchesFilter(filter: unknown, value: unknown): boolean {
  if (!isObject(filter)) return filter === value;
  const [operator = '', operand] = Object.entries(filter)[0] ?? [];
  if (operator === 'anything-but') return !matchesExcluded(operand, value);
  if (operator === 'numeric') return typeof value === 'number' && matchesNumeric(operand as (string | number)[], value);
  return typeof value === 'string' && matchesText(operator, operand, value);
}

function matchesExcluded(operand: unknown, value: unknown): boolean {
  if (!isObject(operand)) return [operand].flat().includes(value);
  const [operator = '', operands] = Object.entries(operand)[0] ?? [];
  return typeof value === 'string' && [operands].flat().some((one) => matchesText(operator, one, value));
}

function matchesText(operator: string, operand: unknown, value: string): boolean {
  if (isObject(operand)) return matchesText(operator, String(operand['equals-ignore-case']).toLowerCase(), value.toLowerCase());
  const text = String(operand);
  if (operator === 'prefix') return value.startsWith(text);
  if (operator === 'suffix') return value.endsWith(text);
  if (operator === 'equals-ignore-case') return value.toLowerCase() === text.toLowerCase();
  return wildcardExpression(text).test(value);
}

function wildcardExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\([*\\])|(\*)|([^*\\]+)/g, (_, escaped?: string, star?: string, plain = '') =>
    star ? '.*' : escapeText(escaped ?? plain),
  );
  return new RegExp(`^${source}$`, 's');
}

function escapeText(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function matchesNumeric(operand: readonly (string | number)[], value: number): boolean {
  for (let index = 0; index < operand.length; index += 2) {
    if (!comparisons[operand[index] as string]?.(value, operand[index + 1] as number)) return false;
  }
  return true;
}

const isText = (value: unknown) => typeof value === 'string';
const isScalar = (value: unknown) => value === null || ['string', 'number', 'boolean'].includes(typeof value);
const isIgnoreCase = (value: unknown) => isObject(value) && Object.keys(value).length === 1 && isText(value['equals-ignore-case']);
const isWildcard = (value: unknown) => isText(value) && !/\*\*|\\(?![*\\])/.test(value as string);
const isList = (value: unknown, test: (element: unknown) => boolean) => Array.isArray(value) && value.length > 0 && value.every(test);

/** Filters and what each takes. */
const filters: Readonly<Record<string, (operand: unknown) => boolean>> = {
  prefix: (operand) => isText(operand) || isIgnoreCase(operand),
  suffix: (operand) => isText(operand) || isIgnoreCase(operand),
  'equals-ignore-case': isText,
  wildcard: isWildcard,
  exists: (operand) => typeof operand === 'boolean',
  numeric: (operand) => isList(operand, isScalar) && (operand as unknown[]).length % 2 === 0 && (operand as unknown[]).every(isNumericPart),
  'anything-but': (operand) => isScalar(operand) || isList(operand, isScalar) || isExcludedText(operand),
};

function isNumericPart(part: unknown, index: number): boolean {
  return index % 2 === 0 ? typeof part === 'string' && part in comparisons : typeof part === 'number';
}

function isExcludedText(operand: unknown): boolean {
  if (!isObject(operand) || Object.keys(operand).length !== 1) return false;
  const [operator = '', text] = Object.entries(operand)[0] ?? [];
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator)) return false;
  const test = operator === 'wildcard' ? isWildcard : isText;
  return test(text) || isList(text, test);
}

function checkFilter(filter: unknown, path: string): void {
  if (isScalar(filter)) return;
  const [operator, ...others] = isObject(filter) ? Object.keys(filter) : [];
  if (operator === undefined || others.length > 0)
    throw new PatternError(`${path}: found ${JSON.stringify(filter)}, expected a value or an object with one filter`);
  const accepts = filters[operator];
  if (accepts === undefined) {
    throw new PatternError(
      `${path}: the filter "${operator}" has no stand-in here; use ${Object.keys(filters).join(', ')} or exact values`,
    );
  }
  const operand = (filter as Json)[operator];
  if (!accepts(operand))
    throw new PatternError(`${path}: "${operator}" does not take ${JSON.stringify(operand)}; see EventBridge's comparison operators`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
