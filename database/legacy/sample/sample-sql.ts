import { legacyColumns, legacyTables } from './columns.ts';
import { copyText } from './copy-text.ts';
import type { LegacyRows } from './rows.ts';

/** The sample as plain SQL in pg_dump's form: the tables (`schema` is linkpick.sql's text), then a COPY block each. */
export function* sampleSql(schema: string, rows: LegacyRows): Generator<string> {
  yield "-- A generated LinkPick database: database/legacy/print-sample.ts\n\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n\n";
  yield schema;
  for (const table of legacyTables) {
    yield `\nCOPY public.${table} (${legacyColumns[table].join(', ')}) FROM stdin;\n`;
    yield* copyText(table, rows[table]);
    yield '\\.\n';
  }
}
