import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../local/postgres/start-postgres.ts';

const linkpickSql = new URL('../../database/legacy/linkpick.sql', import.meta.url);

export interface Database {
  readonly name: string;
  readonly url: string;
  /** One connection for the benchmark's own statements. */
  readonly client: pg.Client;
  drop(): Promise<void>;
}

/** One PostgreSQL, durable as a real one, with databases that are made for one measurement and dropped after it. */
export class Databases {
  readonly #urlOf: (database: string) => string;
  readonly #stop: () => Promise<void>;
  readonly #admin: pg.Client;
  #made = 0;

  private constructor(urlOf: (database: string) => string, admin: pg.Client, stop: () => Promise<void>) {
    this.#urlOf = urlOf;
    this.#admin = admin;
    this.#stop = stop;
  }

  static async start(): Promise<Databases> {
    const folder = mkdtempSync(join(tmpdir(), 'videopick-bench-'));
    const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    process.once('exit', remove);
    const postgres = await startPostgres({ dataDir: join(folder, 'cluster'), port: 0, durable: true });
    const admin = await connect(postgres.urlOf('postgres'));
    return new Databases(postgres.urlOf, admin, async () => {
      await admin.end();
      await postgres.stop();
      remove();
    });
  }

  urlOf(name: string): string {
    return this.#urlOf(name);
  }

  /** A database with LinkPick's empty tables. */
  async create(): Promise<Database> {
    const database = await this.#make('');
    await database.client.query(await readFile(linkpickSql, 'utf8'));
    return database;
  }

  /** A copy of a database's files, so that every copy starts alike. Ends the connections to it, which the Data API pools. */
  async copy(template: string): Promise<Database> {
    await this.#admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [template]);
    const database = await this.#make(`template ${template} strategy file_copy`);
    await this.#admin.query('checkpoint');
    return database;
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #make(options: string): Promise<Database> {
    this.#made += 1;
    const name = `bench_${this.#made}`;
    await this.#admin.query(`create database ${name} ${options}`);
    const url = this.#urlOf(name);
    const client = await connect(url);
    return {
      name,
      url,
      client,
      drop: async () => {
        await client.end();
        await this.#admin.query(`drop database ${name} with (force)`);
      },
    };
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the database is dropped, or the server stops
  await client.connect();
  return client;
}
