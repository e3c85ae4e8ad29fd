import { legacyColumns, legacyTables } from '../../database/legacy/sample/columns.ts';
import type { LegacyRows, LegacyTable } from '../../database/legacy/sample/rows.ts';
import type { TestDatabase } from '../support/database.ts';

/** Every LinkPick row of a database, in the form of the sample's rows, by id. */
export async function readLegacyRows(db: TestDatabase): Promise<LegacyRows> {
  const entries = await Promise.all(legacyTables.map(async (table) => [table, await readTable(db, table)] as const));
  return Object.fromEntries(entries) as unknown as LegacyRows;
}

async function readTable(db: TestDatabase, table: LegacyTable): Promise<unknown[]> {
  const columns = legacyColumns[table].map((column) => (column === 'view_count' ? column : `${column}::text`));
  return await db.query(`select ${columns.join(', ')} from public.${table} order by id collate "C"`);
}

/** The rows of a sample by id, as `readLegacyRows` orders them. */
export function byId(rows: LegacyRows): LegacyRows {
  const sorted = legacyTables.map((table) => [table, [...rows[table]].sort((a, b) => (a.id < b.id ? -1 : 1))]);
  return Object.fromEntries(sorted) as unknown as LegacyRows;
}

/** How many relations schema public has: none after a load that was refused. */
export async function countRelations(db: TestDatabase): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    "select count(*)::int from pg_class where relnamespace in (select oid from pg_namespace where nspname !~ '^(pg_|information_schema)')",
  );
  return row?.count ?? -1;
}
