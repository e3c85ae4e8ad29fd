import { readFileSync } from 'node:fs';
import type { ExecuteStatementCommandInput, RDSDataClient } from '@aws-sdk/client-rds-data';
import pg from 'pg';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { ensureCapture } from '../../lambdas/migration/capture.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { AwsError } from '../../local/gateway/aws-error.ts';
import { RdsData } from '../../local/rds-data/rds-data.ts';
import { AUDIT } from './audit.ts';
import type { Cluster } from './cluster.ts';

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

/** What the template database is called. */
export const TEMPLATE = 'pristine';

/** A database under test, the Data API in front of it and a clock that stands until it is moved. */
export class World {
  readonly database: string;
  readonly cluster: Cluster;
  /** Looks at the database from outside of the test. */
  readonly pool: pg.Pool;
  readonly #rdsData: RdsData;
  readonly #empty: string;
  /** Milliseconds: the age and idleness of transactions. */
  nowMs = Date.UTC(2026, 10, 23);

  private constructor(cluster: Cluster, database: string, empty: string) {
    this.cluster = cluster;
    this.database = database;
    this.#empty = empty;
    this.pool = new pg.Pool({ connectionString: cluster.urlOf(database), max: 12, application_name: 'observer' });
    this.pool.on('error', () => {});
    this.#rdsData = new RdsData({ databaseUrlOf: (name) => cluster.urlOf(name), ...TARGET, clock: () => this.nowMs });
  }

  /** The template: both schemas, the capture and the audit, and no row. */
  static async createTemplate(cluster: Cluster): Promise<void> {
    await cluster.create(TEMPLATE);
    const world = new World(cluster, TEMPLATE, '');
    const folder = new URL('../../database/', import.meta.url);
    await world.pool.query(readFileSync(new URL('legacy/linkpick.sql', folder), 'utf8'));
    await applySchema(world.dataApi(), await readMigrationFiles(new URL('migrations/', folder)), compileSchema());
    await ensureCapture(world.dataApi());
    await world.pool.query(AUDIT);
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
    await this.pool.query(`set session_replication_role = replica; ${this.#empty};
      select setval('video_platform.change_log_id_seq', 1, false);
      insert into video_platform.migration_control default values; set session_replication_role = origin`);
  }

  /** What a statement's columns are, by its text: asked once, since it takes the service longer to say than to run most statements. */
  readonly #columns = new Map<string, unknown>();

  /** One call to the Data API itself. */
  readonly send: Send = async (command) => {
    const operation = command.constructor.name.replace('Command', '');
    if (operation !== 'ExecuteStatement') return this.#call(`/${operation}`, command.input);
    const { sql = '' } = command.input as Partial<ExecuteStatementCommandInput>;
    const columnMetadata = this.#columns.get(sql);
    const answer = await this.#call('/Execute', { ...command.input, includeResultMetadata: columnMetadata === undefined });
    if (columnMetadata !== undefined) return { ...answer, columnMetadata };
    if (answer.columnMetadata !== undefined) this.#columns.set(sql, answer.columnMetadata);
    return answer;
  };

  async #call(path: string, input: object): Promise<{ readonly columnMetadata?: unknown }> {
    try {
      const body = Buffer.from(JSON.stringify(input));
      const answer = await this.#rdsData.handle({ method: 'POST', path, query: new URLSearchParams(), headers: {}, body });
      return Buffer.isBuffer(answer.body) ? JSON.parse(answer.body.toString()) : (answer.body as object);
    } catch (error) {
      if (error instanceof AwsError) throw Object.assign(new Error(error.message), { name: error.code });
      throw error;
    }
  }

  /** A client that speaks through `send`: the real one but for the wire. */
  dataApi(send: Send = this.send): DataApi {
    const client = { send } as unknown as RDSDataClient;
    return new DataApi(client, { ...TARGET, database: this.database }, { wait: async () => undefined });
  }

  /** Lets time pass in the service: idle transactions are rolled back. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    const { RollbackTransactionCommand } = await import('@aws-sdk/client-rds-data');
    const { clusterArn: resourceArn, secretArn } = TARGET;
    await this.send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId: 'sweep' })).catch(() => {});
  }

  async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, values)).rows;
  }

  async close(): Promise<void> {
    await this.#rdsData.close();
    await this.pool.end();
  }
}
