import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import { inject } from 'vitest';
import { legacyColumns, legacyTables } from '../../database/legacy/sample/columns.ts';
import { linkpickSql } from './migration-database.ts';

/** A LinkPick whose database is SQL_ASCII: it has any bytes, and PostgreSQL does not ask what they mean. */
export interface SqlAsciiDatabase {
  readonly url: string;
  /** Runs SQL that is given as bytes, or as text in UTF-8. */
  run(sql: Buffer | string): Promise<void>;
  /** The database as pg_dump writes it: SQL_ASCII, as pg_dump takes the database's encoding. */
  dump(): Promise<Buffer>;
  drop(): Promise<void>;
}

/** Makes one in the shared cluster, with LinkPick's empty tables. Call `drop` in `afterAll`. */
export async function createSqlAsciiDatabase(): Promise<SqlAsciiDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(`create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`);
  const url = Object.assign(new URL(inject('postgresAdminUrl')), { pathname: `/${name}` }).href;
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the connection ends when the database is dropped
  await client.connect();
  await client.query("set client_encoding = 'SQL_ASCII'");
  await client.query(linkpickSql);
  return {
    url,
    // node-postgres sends SQL as UTF-8, so bytes travel as escapes within the string that is run.
    run: async (sql) => void (await client.query(`do ${escaped(Buffer.from(sql))}`)),
    dump: async () => {
      const parts: Buffer[] = [Buffer.from(`SET client_encoding = 'SQL_ASCII';\nSET standard_conforming_strings = on;\n${linkpickSql}`)];
      for (const table of legacyTables) {
        const columns = legacyColumns[table].join(', ');
        parts.push(Buffer.from(`COPY public.${table} (${columns}) FROM stdin;\n`));
        for await (const rows of client.query(to(`copy public.${table} (${columns}) to stdout`)) as AsyncIterable<Buffer>) parts.push(rows);
        parts.push(Buffer.from('\\.\n\n'));
      }
      return Buffer.concat(parts);
    },
    drop: async () => {
      await client.end();
      await asAdmin(`drop database if exists ${name} with (force)`);
    },
  };
}

/** A block that runs the bytes as SQL. */
function escaped(sql: Buffer): string {
  const literal = Array.from(sql, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `$$ begin execute E'${literal}'; end $$`;
}

async function asAdmin(sql: string): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('postgresAdminUrl') });
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}
