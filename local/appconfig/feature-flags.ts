import type { z } from 'zod';
import { type AttributeValue, type Constraints, FlagsDocument } from './flags-schema.ts';
import type { Violation } from './json-schema.ts';

const STAMPS = ['enabled', '_createdAt', '_updatedAt'];

/** Every way in which a document is none of feature flags; empty when the service would take it. */
export function flagViolations(document: unknown): readonly Violation[] {
  const parsed = FlagsDocument.safeParse(document);
  if (!parsed.success) return parsed.error.issues.flatMap((issue) => schemaViolations(issue, document));
  const { flags, values } = parsed.data;
  return Object.entries(values).flatMap(([key, value]) => {
    const at = `$.values.${key}`;
    const flag = own(flags, key);
    if (flag === undefined) return [violation(at, 'flags', `the flag "${key}" has no definition in $.flags`, value)];
    const definitions = flag.attributes ?? {};
    const given = attributesOf(value);
    return [
      ...Object.entries(given)
        .filter(([name]) => !Object.hasOwn(definitions, name))
        .map(([name, found]) =>
          violation(`${at}.${name}`, 'attributes', `the attribute "${name}" has no definition in $.flags.${key}.attributes`, found),
        ),
      ...Object.entries(definitions).flatMap(([name, { constraints }]) =>
        constraints === undefined ? [] : attributeViolations(`${at}.${name}`, own(given, name), constraints),
      ),
    ];
  });
}

/** What a reader gets of a stored document: whether each flag is on, and the attributes of those that are. A flag without value is off. */
export function retrievedFlags(document: unknown): Readonly<Record<string, Readonly<Record<string, AttributeValue>>>> {
  const { flags, values } = FlagsDocument.parse(document);
  return Object.fromEntries(
    Object.keys(flags).map((key) => {
      const value = own(values, key) ?? {};
      return [key, value.enabled === true ? { enabled: true, ...attributesOf(value) } : { enabled: false }];
    }),
  );
}

/** A key may be called `constructor`. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function attributesOf(value: Readonly<Record<string, unknown>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !STAMPS.includes(name))) as Record<string, AttributeValue>;
}

function attributeViolations(at: string, value: AttributeValue | undefined, constraints: Constraints): Violation[] {
  if (value === undefined)
    return constraints.required === true ? [violation(at, 'required', 'the required attribute is missing', null)] : [];
  const found = Array.isArray(value) ? 'array' : typeof value;
  if (found !== constraints.type) return [violation(at, `type ${constraints.type}`, `expected ${constraints.type}, found ${found}`, value)];
  if (constraints.type === 'array' && Array.isArray(value)) {
    const { elements } = constraints;
    return elements === undefined ? [] : value.flatMap((element, index) => attributeViolations(`${at}[${index}]`, element, elements));
  }
  if (constraints.type === 'string') {
    if (constraints.enum !== undefined && !constraints.enum.includes(String(value)))
      return [violation(at, 'enum', `expected one of ${constraints.enum.join(', ')}`, value)];
    if (constraints.pattern !== undefined && !new RegExp(constraints.pattern, 'u').test(String(value)))
      return [violation(at, 'pattern', `expected to match ${constraints.pattern}`, value)];
  }
  if (constraints.type === 'number') {
    if (constraints.minimum !== undefined && Number(value) < constraints.minimum)
      return [violation(at, 'minimum', `expected at least ${constraints.minimum}`, value)];
    if (constraints.maximum !== undefined && Number(value) > constraints.maximum)
      return [violation(at, 'maximum', `expected at most ${constraints.maximum}`, value)];
  }
  return [];
}

/** An unknown member and an unfit key are told at the member itself, not at what holds it. */
function schemaViolations(issue: z.core.$ZodIssue, document: unknown): Violation[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      violation(locate([...path, key]), 'additionalProperties', 'the member is not known here', at(document, [...path, key])),
    );
  const reason = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [violation(locate(path), issue.code, reason, at(document, path))];
}

function locate(path: readonly string[]): string {
  return ['$', ...path].join('.');
}

function at(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name], document);
}

function violation(location: string, constraint: string, reason: string, value: unknown): Violation {
  return { Type: 'FEATURE_FLAGS', Constraint: constraint, Location: location, Reason: reason, Value: JSON.stringify(value) ?? 'null' };
}
