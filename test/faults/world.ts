import { readFileSync } from 'node:fs';
import type { RDSDataClient } from '@aws-sdk/client-rds-data';
import pg from 'pg';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { ensureCapture } from '../../lambdas/migration/capture.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { AUDIT } from './audit.ts';
import type { Cluster } from './cluster.ts';
import { QuickDataApi } from './quick-data-api.ts';

/** A command of the SDK. */
export interface Command {
  readonly input: object;
}
/** Makes one Data API call and gives its answer; rejects with the service's error. */
export type Send = (command: Command) => Promise<unknown>;

const TARGET = {
  clusterArn: 'arn:aws:rds:ap-northeast-2:123456789012:cluster:videopick-faults',
  secretArn: 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:videopick-faults-AbCdEf',
};

const OBSERVER = 'observer';

/** What the template database is called. */
export const TEMPLATE = 'pristine';

/** A database under test, the Data API in front of it and a clock that stands until it is moved. */
export class World {
  readonly database: string;
  readonly cluster: Cluster;
  /** Looks at the database from outside of the test. Waits for nobody for long: what it would wait for is a fault of the test. */
  readonly observer: pg.Pool;
  /** Connections of LinkPick's writers. Apart from the observer's: a schedule goes on only when it can look. */
  readonly writers: pg.Pool;
  readonly #dataApi: QuickDataApi;
  readonly #empty: string;
  /** Milliseconds: the age and idleness of transactions. */
  nowMs = Date.UTC(2026, 10, 23);

  private constructor(cluster: Cluster, database: string, empty: string) {
    this.cluster = cluster;
    this.database = database;
    this.#empty = empty;
    const connectionString = cluster.urlOf(database);
    const options = '-c lock_timeout=10s -c statement_timeout=30s';
    this.observer = new pg.Pool({ connectionString, max: 3, application_name: OBSERVER, options, connectionTimeoutMillis: 10_000 });
    this.writers = new pg.Pool({ connectionString, max: 80, application_name: 'writer', connectionTimeoutMillis: 10_000 });
    for (const pool of [this.observer, this.writers]) pool.on('error', () => {});
    this.#dataApi = new QuickDataApi(connectionString, () => this.nowMs);
  }

  /** The template: both schemas, the capture and the audit, and no row. */
  static async createTemplate(cluster: Cluster): Promise<void> {
    await cluster.create(TEMPLATE);
    const world = new World(cluster, TEMPLATE, '');
    const folder = new URL('../../database/', import.meta.url);
    await world.observer.query(readFileSync(new URL('legacy/linkpick.sql', folder), 'utf8'));
    await applySchema(world.dataApi(), await readMigrationFiles(new URL('migrations/', folder)), compileSchema());
    await ensureCapture(world.dataApi());
    await world.observer.query(AUDIT);
    await world.close();
  }

  /** A copy of the template, with `sql` done to it. */
  static async open(cluster: Cluster, database: string, sql?: string): Promise<World> {
    await cluster.drop(database);
    await cluster.copy(TEMPLATE, database);
    const client = new pg.Client({ connectionString: cluster.urlOf(database) });
    await client.connect();
    if (sql !== undefined) await client.query(sql);
    const tables = await client.query<{ deletes: string }>(
      `select string_agg(format('delete from %I.%I', schemaname, tablename), '; ') as deletes from pg_tables
       where schemaname in ('public', 'video_platform', 'audit') and tablename <> 'schema_migration'`,
    );
    await client.end();
    return new World(cluster, database, tables.rows[0]?.deletes ?? '');
  }

  /** Back to the template: fresh tables, so that a seed finds the same whatever came before it. */
  async reset(): Promise<void> {
    await this.observer.query(`set session_replication_role = replica; ${this.#empty};
      select setval('video_platform.change_queue_id_seq', 1, false);
      insert into video_platform.migration_control default values; set session_replication_role = origin`);
  }

  /** One call to the Data API itself. */
  readonly send: Send = (command) => this.#dataApi.send(command);

  /** A client that speaks through `send`: the real one but for the wire. */
  dataApi(send: Send = this.send): DataApi {
    const client = { send } as unknown as RDSDataClient;
    return new DataApi(client, { ...TARGET, database: this.database }, { wait: async () => undefined });
  }

  /** Lets time pass in the service: idle transactions are rolled back. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.#dataApi.sweep();
  }

  async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.observer.query<Row>(sql, values)).rows;
  }

  /** How many sessions wait for a lock, right now. */
  async lockWaits(): Promise<number> {
    const [row] = await this.rows<{ waits: number }>('select count(distinct pid)::int as waits from pg_locks where not granted');
    return row?.waits ?? 0;
  }

  /** Who waits for whom, and who is in a transaction: for a schedule that does not go on. */
  async activity(): Promise<readonly string[]> {
    const rows = await this.rows<{ line: string }>(`select format('%s %s %s, waits for %s: %s', application_name, pid, state,
        coalesce(nullif(pg_blocking_pids(pid), '{}')::text, wait_event, 'nobody'), left(regexp_replace(query, '\\s+', ' ', 'g'), 100)) as line
      from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' order by pid`);
    return rows.map(({ line }) => line);
  }

  /** Cancels every statement under way but the observer's. */
  async cancelAll(): Promise<void> {
    await this.rows(`select pg_cancel_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name <> '${OBSERVER}' and state = 'active'`);
  }

  async close(): Promise<void> {
    await this.#dataApi.close();
    await Promise.all([this.observer.end(), this.writers.end()]);
  }
}
