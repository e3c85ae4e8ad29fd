import { replaceNamedParameters } from '../../lambdas/data-api/sql-lexer.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { validationError } from './errors.ts';
import { oids } from './pg-types.ts';
import type { ParameterInput } from './request.ts';

/** A statement as PostgreSQL takes it: `$1…` in the text, a declared type and a value for each. Type 0 leaves it to the server. */
export interface BoundStatement {
  readonly text: string;
  readonly types: readonly number[];
  /** A Buffer is sent in binary form, a string as text. */
  readonly values: readonly (string | Buffer | null)[];
}

interface BoundValue {
  readonly type: number;
  readonly value: string | Buffer | null;
}

const INT8 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** What a hint declares, and the form it asks for. Milliseconds are the finest that hints take. Source: SqlParameter in the API model. */
const hints = {
  DATE: { type: oids.date, label: 'Date', form: /^\d{4}-\d{2}-\d{2}$/ },
  TIME: { type: oids.time, label: 'Time', form: /^\d{2}:\d{2}:\d{2}(\.\d{1,3})?$/ },
  TIMESTAMP: { type: oids.timestamp, label: 'TimeStamp', form: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,3})?$/ },
  DECIMAL: { type: oids.numeric, label: 'Decimal', form: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/ },
  UUID: { type: oids.uuid, label: 'UUID', form: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
  JSON: { type: oids.json, label: 'JSON', form: /[^\s]/ },
} as const;

/**
 * Binds as strictly as the service: a string without a hint is text, a long int8, a double float8. So `uuid = :id` fails here as it does there.
 * A name used twice is bound once.
 * @throws {AwsError} for a name without a value, a value without a use, a repeated name, an array
 */
export function bindParameters(sql: string, parameters: readonly ParameterInput[]): BoundStatement {
  const given = new Map<string, BoundValue>();
  for (const parameter of parameters) {
    if (given.has(parameter.name)) throw validationError(`Parameter "${parameter.name}" is given more than once`);
    given.set(parameter.name, bindValue(parameter));
  }
  const positions = new Map<string, number>();
  const text = replaceNamedParameters(sql, (name) => {
    if (!given.has(name)) throw validationError(`Cannot find parameter: ${name}`);
    const position = positions.get(name) ?? positions.size + 1;
    positions.set(name, position);
    return `$${position}`;
  });
  const unused = [...given.keys()].filter((name) => !positions.has(name));
  if (unused.length > 0) throw validationError(`The statement has no parameter named: ${unused.join(', ')}`);
  const bound = [...positions.keys()].map((name) => given.get(name) as BoundValue);
  return { text, types: bound.map(({ type }) => type), values: bound.map(({ value }) => value) };
}

function bindValue({ name, typeHint, value }: ParameterInput): BoundValue {
  const [member, ...others] = Object.keys(value).filter((key) => value[key] !== undefined);
  if (member === undefined || others.length > 0) {
    throw validationError(
      `Parameter "${name}" must have exactly one member set in its value; found: ${Object.keys(value).join(', ') || 'none'}`,
    );
  }
  const content = value[member];
  if (typeHint !== undefined && member !== 'stringValue' && member !== 'isNull') {
    throw validationError(`Parameter "${name}" has the type hint ${typeHint}, which applies to stringValue; found ${member}`);
  }
  const refuse = (expected: string) => validationError(`Parameter "${name}": ${member} must be ${expected}`);
  switch (member) {
    case 'isNull':
      if (content !== true) throw refuse('true; leave it out for a value');
      return { type: typeHint === undefined ? 0 : hints[typeHint].type, value: null };
    case 'stringValue':
      if (typeof content !== 'string') throw refuse('a string');
      return typeHint === undefined ? { type: oids.text, value: content } : bindHinted(typeHint, content);
    case 'longValue': {
      if (typeof content !== 'bigint' && !Number.isSafeInteger(content)) throw refuse('a whole number');
      const long = BigInt(content as bigint | number);
      if (long < INT8.min || long > INT8.max) throw refuse('a whole number of 64 bits');
      return { type: oids.int8, value: long.toString() };
    }
    case 'doubleValue':
      // The protocol writes what JSON numbers cannot say as strings.
      if (typeof content !== 'number' && typeof content !== 'bigint' && !['NaN', 'Infinity', '-Infinity'].includes(content as string)) {
        throw refuse('a number');
      }
      return { type: oids.float8, value: String(content) };
    case 'booleanValue':
      if (typeof content !== 'boolean') throw refuse('true or false');
      return { type: oids.bool, value: String(content) };
    case 'blobValue':
      if (typeof content !== 'string') throw refuse('base64 text');
      return { type: oids.bytea, value: Buffer.from(content, 'base64') };
    case 'arrayValue':
      throw validationError('Array parameters are not supported.');
    default:
      throw validationError(`Parameter "${name}" has the unknown member ${member}`);
  }
}

function bindHinted(hint: keyof typeof hints, text: string): BoundValue {
  const { type, label, form } = hints[hint];
  if (!form.test(text)) throw new AwsError('DatabaseErrorException', `Parse Error for ${label}: input contains invalid characters`);
  return { type, value: text };
}
