import { legacyColumns } from './columns.ts';
import type { LegacyRows, LegacyTable } from './rows.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};

/** The rows in COPY's text format: tab between values, newline after each row, `\N` for null; a chunk holds many rows. */
export function* copyText<T extends LegacyTable>(table: T, rows: LegacyRows[T]): Generator<string> {
  let chunk = '';
  for (const row of rows as readonly unknown[] as readonly Readonly<Record<string, string | number | null>>[]) {
    chunk += `${legacyColumns[table].map((column) => escapeValue(row[column])).join('\t')}\n`;
    if (chunk.length > 256 * 1024) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

function escapeValue(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '\\N';
  return String(value).replace(/[\\\n\r\t\b\f\v]/g, (character) => ESCAPES[character] ?? character);
}
