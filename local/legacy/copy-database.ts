import pg from 'pg';
import { to } from 'pg-copy-streams';
import { legacyColumns, legacyTables } from '../../database/legacy/sample/columns.ts';
import type { LegacyTable } from '../../database/legacy/sample/rows.ts';
import { UserError } from '../errors.ts';
import { addForeignKey, dropConstraints } from './constraints.ts';
import { copyIn, countRows } from './copy-in.ts';
import { BrokenTextMarker } from './dump/broken-text.ts';
import { RowTally } from './dump/row-tally.ts';
import { LegacyDatabaseError, saidBy, TO_UTF8 } from './errors.ts';
import type { OnProgress } from './load-legacy.ts';
import { checkSchema, readLinkPickSql, readSchema, type Schema } from './schema.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Copies LinkPick's tables out of a live database, as of one moment (a repeatable-read snapshot), into linkpick.sql's tables made here. The source
 * session is read only; nothing is written there, and only the locks of a SELECT are taken.
 * @throws {LegacyDatabaseError} @throws {NotLinkPickError}
 */
export async function copyDatabase(url: string, target: pg.ClientBase, expected: Schema, onProgress: OnProgress): Promise<void> {
  const source = new pg.Client({
    connectionString: url,
    application_name: 'videopick read legacy',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: '-c default_transaction_read_only=on',
  });
  const address = addressOf(source);
  source.on('error', () => {}); // reported by the query it breaks
  try {
    await source.connect().catch((error: unknown) => {
      throw new LegacyDatabaseError(address, `cannot be reached: ${reasonOf(error)}; check the URL, the network and the password`, {
        cause: error,
      });
    });
    // Row security off: a policy that hides rows is an error, not a loss. As pg_dump does.
    await source.query('begin isolation level repeatable read read only; set local statement_timeout = 0; set local row_security = off');
    // PostgreSQL converts between encodings, but knows nothing of the bytes of a SQL_ASCII database: they come as they are.
    const hasAnyBytes = (await serverEncodingOf(source)) === 'SQL_ASCII';
    const encoding = hasAnyBytes ? 'SQL_ASCII' : 'UTF8';
    await source.query(`set local datestyle = 'ISO, MDY'; set local timezone = 'UTC'; set local client_encoding = '${encoding}'`);
    checkSchema(address, await readSchema(source), expected);
    await target.query(await readLinkPickSql());
    const foreignKeys = await dropConstraints(target, 'foreign key');
    const estimate = await estimateRows(source);
    const tally = new RowTally();
    for (const table of legacyTables) {
      const marker = hasAnyBytes ? new BrokenTextMarker() : undefined;
      const copied = await copyTable(table, source, target, marker, (rows) =>
        onProgress({ table, rows, fraction: estimate === 0 ? undefined : Math.min(1, (tally.rows + rows) / estimate) }),
      );
      tally.add(copied, marker?.markedLines ?? 0);
    }
    if (tally.otherEncoding !== undefined) {
      throw new LegacyDatabaseError(address, `cannot be read as UTF-8: ${tally.otherEncoding}; give a dump's file instead: ${TO_UTF8}`);
    }
    for (const sql of foreignKeys) await addForeignKey(target, sql);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, detail, where } = error as pg.DatabaseError;
    const said = saidBy({ code, message: reasonOf(error), detail, where });
    throw new LegacyDatabaseError(address, `could not be copied: ${said}`, { cause: error });
  } finally {
    await source.end().catch(() => {});
  }
}

async function serverEncodingOf(source: pg.Client): Promise<string | undefined> {
  return (await source.query<{ server_encoding: string }>('show server_encoding')).rows[0]?.server_encoding;
}

async function copyTable(
  table: LegacyTable,
  source: pg.Client,
  target: pg.ClientBase,
  marker: BrokenTextMarker | undefined,
  onRows: (rows: number) => void,
): Promise<number> {
  const columns = legacyColumns[table].join(', ');
  let copied = 0;
  const data = countRows(source.query(to(`copy (select ${columns} from public.${table}) to stdout`)), (rows) => {
    copied = rows;
    onRows(rows);
  });
  await copyIn(target, `copy public.${table} (${columns}) from stdin`, marker === undefined ? data : marked(data, marker));
  onRows(copied); // also for a table without rows
  return copied;
}

async function* marked(data: AsyncIterable<Buffer>, marker: BrokenTextMarker): AsyncGenerator<Buffer> {
  for await (const chunk of data) yield marker.push(chunk);
  yield marker.end();
}

/** By the planner's statistics; 0 when it has none. */
async function estimateRows(source: pg.Client): Promise<number> {
  const { rows } = await source.query<{ estimate: number }>(
    `select coalesce(sum(greatest(reltuples, 0)), 0)::float8 as estimate from pg_catalog.pg_class
     where oid = any (select format('public.%I', name)::regclass from unnest($1::text[]) name)`,
    [legacyTables],
  );
  return rows[0]?.estimate ?? 0;
}

/** Host, port and database; never user or password. */
function addressOf(client: pg.Client): string {
  return `${client.host}:${client.port}/${client.database ?? ''}`;
}

/** An AggregateError (several addresses of one host) has no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
