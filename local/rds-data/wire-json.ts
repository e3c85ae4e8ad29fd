/** JSON on the wire carries 64-bit integers, which JavaScript numbers do not. Both directions are exact here. */

type RawJson = (text: string) => unknown;
type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/** Both are in Node since 22, and not yet in TypeScript's library. */
const { rawJSON, parse } = JSON as unknown as { rawJSON: RawJson; parse(text: string, reviver: SourceReviver): unknown };

/** Whole numbers beyond 2^53 come as bigint, everything else as `JSON.parse` gives it. @throws {SyntaxError} */
export function parseWire(text: string): unknown {
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
  );
}

/** A value that `JSON.stringify` writes with exactly these digits. `digits` is a whole number as PostgreSQL prints it. */
export function exactInteger(digits: string): unknown {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : rawJSON(digits);
}
