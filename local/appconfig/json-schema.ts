/** One violation, as AppConfig tells it (`InvalidConfigurationDetail`). */
export interface Violation {
  readonly Type: 'JSON_SCHEMA' | 'FEATURE_FLAGS';
  /** What is expected. */
  readonly Constraint: string;
  /** Such as `$.budgets.*.percent`. */
  readonly Location: string;
  readonly Reason: string;
  /** The value found, as JSON. */
  readonly Value: string;
}

type Schema = Readonly<Record<string, unknown>>;
type Report = (location: string, constraint: string, reason: string, value: unknown) => void;
type Check = (argument: unknown, value: unknown, location: string, schema: Schema, report: Report) => void;

/** A JSON schema asks for something this validator does not check. */
export class UnsupportedSchemaError extends Error {
  override readonly name = 'UnsupportedSchemaError';
}

/**
 * Validates documents by JSON Schema draft-04, the draft AppConfig takes; the keywords below and no others, so that nothing is let through
 * because it was not understood.
 * @throws {UnsupportedSchemaError} naming every keyword that is not known, and where it stands
 */
export function compileJsonSchema(schema: unknown): (document: unknown) => readonly Violation[] {
  const unknown = unknownKeywords(schema, '#');
  if (unknown.length > 0)
    throw new UnsupportedSchemaError(`found ${unknown.join(', ')}; the keywords known here: ${Object.keys(CHECKS).join(', ')}`);
  return (document) => {
    const violations: Violation[] = [];
    validate(schema as Schema, document, '$', (location, constraint, reason, value) =>
      violations.push({ Type: 'JSON_SCHEMA', Constraint: constraint, Location: location, Reason: reason, Value: JSON.stringify(value) }),
    );
    return violations;
  };
}

function validate(schema: Schema, value: unknown, location: string, report: Report): void {
  for (const [keyword, argument] of Object.entries(schema)) CHECKS[keyword]?.(argument, value, location, schema, report);
}

/** Tells about the document, not what it may be. */
const annotation: Check = () => {};

const CHECKS: Readonly<Record<string, Check>> = {
  $schema: annotation,
  title: annotation,
  description: annotation,
  default: annotation,
  type: (argument, value, location, _, report) => {
    const expected = [argument].flat() as string[];
    const found = typeOf(value);
    if (expected.includes(found) || (found === 'integer' && expected.includes('number'))) return;
    report(location, `type ${expected.join(' or ')}`, `expected ${expected.join(' or ')}, found ${found}`, value);
  },
  enum: (argument, value, location, _, report) => {
    const allowed = (argument as unknown[]).map((member) => JSON.stringify(member));
    if (!allowed.includes(JSON.stringify(value))) report(location, 'enum', `expected one of ${allowed.join(', ')}`, value);
  },
  minimum: (argument, value, location, { exclusiveMinimum }, report) => {
    if (typeof value !== 'number' || (exclusiveMinimum === true ? value > Number(argument) : value >= Number(argument))) return;
    report(location, 'minimum', `expected ${exclusiveMinimum === true ? 'more than' : 'at least'} ${argument}`, value);
  },
  maximum: (argument, value, location, { exclusiveMaximum }, report) => {
    if (typeof value !== 'number' || (exclusiveMaximum === true ? value < Number(argument) : value <= Number(argument))) return;
    report(location, 'maximum', `expected ${exclusiveMaximum === true ? 'less than' : 'at most'} ${argument}`, value);
  },
  // Booleans in this draft, read by minimum and maximum.
  exclusiveMinimum: annotation,
  exclusiveMaximum: annotation,
  minLength: (argument, value, location, _, report) => {
    if (typeof value === 'string' && [...value].length < Number(argument))
      report(location, 'minLength', `expected at least ${argument} characters`, value);
  },
  maxLength: (argument, value, location, _, report) => {
    if (typeof value === 'string' && [...value].length > Number(argument))
      report(location, 'maxLength', `expected at most ${argument} characters`, value);
  },
  pattern: (argument, value, location, _, report) => {
    if (typeof value === 'string' && !new RegExp(String(argument), 'u').test(value))
      report(location, 'pattern', `expected to match ${argument}`, value);
  },
  required: (argument, value, location, _, report) => {
    if (!isObject(value)) return;
    for (const name of argument as string[])
      if (!Object.hasOwn(value, name)) report(location, 'required', `the member "${name}" is missing`, value);
  },
  properties: (argument, value, location, _, report) => {
    if (!isObject(value)) return;
    for (const [name, schema] of Object.entries(argument as Record<string, Schema>))
      if (Object.hasOwn(value, name)) validate(schema, value[name], `${location}.${name}`, report);
  },
  additionalProperties: (argument, value, location, { properties = {} }, report) => {
    if (!isObject(value) || argument === true) return;
    for (const [name, member] of Object.entries(value)) {
      if (Object.hasOwn(properties as object, name)) continue;
      if (argument === false) report(`${location}.${name}`, 'additionalProperties', `the member "${name}" is not known`, member);
      else validate(argument as Schema, member, `${location}.${name}`, report);
    }
  },
  items: (argument, value, location, _, report) => {
    if (!Array.isArray(value)) return;
    for (const [index, member] of value.entries()) validate(argument as Schema, member, `${location}[${index}]`, report);
  },
};

function unknownKeywords(schema: unknown, path: string): string[] {
  if (!isObject(schema)) return [`${JSON.stringify(schema)} at ${path} where a schema object belongs`];
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (!Object.hasOwn(CHECKS, keyword)) return [`"${keyword}" at ${path}`];
    if (keyword === 'properties')
      return Object.entries(argument as object).flatMap(([name, member]) => unknownKeywords(member, `${path}/properties/${name}`));
    if (keyword === 'items' || (keyword === 'additionalProperties' && typeof argument !== 'boolean'))
      return unknownKeywords(argument, `${path}/${keyword}`);
    return [];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
