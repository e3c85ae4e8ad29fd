import type pg from 'pg';
import { isSymbol, type Token } from './tokens.ts';

/** Volatile functions that column defaults use, and that touch nothing but a sequence or chance. */
const HARMLESS = ['nextval', 'gen_random_uuid', 'random', 'clock_timestamp', 'timeofday'];

/** The names of PostgreSQL's functions that can act: read files, run SQL, change settings, sleep. A definition in a dump has no use for them. */
export async function readActingFunctions(client: pg.ClientBase): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct proname::text as name from pg_catalog.pg_proc where provolatile = 'v' and proname <> all ($1)`,
    [HARMLESS],
  );
  return new Set(rows.map(({ name }) => name));
}

/** The first acting function that a definition calls. */
export function findActingCall(tokens: readonly Token[], acting: ReadonlySet<string>): string | undefined {
  const call = tokens.find(
    ({ kind, value }, index) => (kind === 'word' || kind === 'name') && acting.has(value) && isSymbol(tokens[index + 1], '('),
  );
  return call?.value;
}
