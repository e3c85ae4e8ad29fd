import { parseArrayLiteral } from './array-literal.ts';
import { unsupportedResult } from './errors.ts';
import type { Decoding, ResultType } from './pg-types.ts';
import type { ResultSetOptions } from './request.ts';
import { toUtcText } from './timestamps.ts';
import { exactInteger } from './wire-json.ts';

/** One member of the API's Field union, ready for `JSON.stringify`. */
export type Field = Readonly<Record<string, unknown>>;

const arrayMembers: Record<Decoding, string> = {
  long: 'longValues',
  double: 'doubleValues',
  boolean: 'booleanValues',
  decimal: 'stringValues',
  string: 'stringValues',
  timestamptz: 'stringValues',
  blob: 'stringValues',
};

/** A value as PostgreSQL prints it, as the API's field. @throws {AwsError} `UnsupportedResultException` for a multidimensional array */
export function toField(text: string | null, type: ResultType, options: ResultSetOptions): Field {
  if (text === null) return { isNull: true };
  if (type.isArray) {
    const member = arrayMembers[type.decoding];
    const values = elementsOf(text).map((element) => {
      if (element === null) return null;
      return type.decoding === 'decimal' ? element : scalar(element, type.decoding, options)[1];
    });
    return { arrayValue: { [member]: values } };
  }
  const [member, value] = scalar(text, type.decoding, options);
  if (member === 'longValue' && type.decoding === 'long' && options.longReturnType === 'STRING') return { stringValue: text };
  return { [member]: value };
}

/** The same value as it stands in the JSON of `formatRecordsAs`. */
export function toJsonValue(text: string | null, type: ResultType, options: ResultSetOptions): unknown {
  if (text === null) return null;
  const field = toField(text, type, options);
  return type.isArray ? Object.values(field.arrayValue as Field)[0] : Object.values(field)[0];
}

function scalar(text: string, decoding: Decoding, { decimalReturnType }: ResultSetOptions): readonly [string, unknown] {
  switch (decoding) {
    case 'long':
      return ['longValue', exactInteger(text)];
    case 'double':
      return ['doubleValue', double(text)];
    case 'decimal':
      if (decimalReturnType === 'STRING') return ['stringValue', text];
      return isLong(text) ? ['longValue', exactInteger(text)] : ['doubleValue', double(text)];
    case 'boolean':
      return ['booleanValue', text === 't'];
    case 'blob':
      return ['blobValue', Buffer.from(text.slice(2), 'hex').toString('base64')];
    case 'timestamptz':
      return ['stringValue', toUtcText(text)];
    case 'string':
      return ['stringValue', text];
  }
}

/** JSON has no NaN and no infinities: the protocol writes them as strings. */
function double(text: string): unknown {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

function isLong(text: string): boolean {
  if (!/^-?\d+$/.test(text)) return false;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

function elementsOf(literal: string): (string | null)[] {
  const elements = parseArrayLiteral(literal);
  if (elements === undefined) throw unsupportedResult('The result contains a multidimensional array.');
  return elements;
}
