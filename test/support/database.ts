import { randomBytes } from 'node:crypto';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import pg from 'pg';
import { inject } from 'vitest';
import { Gateway } from '../../local/gateway/gateway.ts';
import { RdsData, type RdsDataOptions } from '../../local/rds-data/rds-data.ts';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  readonly pool: pg.Pool;
  /** The rows of one query, with node-postgres' own types. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Closes the pool and removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

export interface DatabaseOptions {
  /** As `create database` takes it: `locale 'C'`, `locale_provider icu …`. @default the cluster's */
  readonly locale?: string;
}

/** A fresh, empty database in the shared cluster. Call `drop` in `afterAll`. */
export async function createDatabase({ locale = '' }: DatabaseOptions = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin((admin) => admin.query(`create database ${name} template template0 ${locale}`));
  const url = new URL(inject('postgresAdminUrl'));
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 5 });
  pool.on('error', () => {}); // idle connections end when the database is dropped
  return {
    name,
    url: url.href,
    pool,
    query: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(sql, [...values])).rows,
    drop: async () => {
      await pool.end();
      await asAdmin((admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}

async function asAdmin(work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('postgresAdminUrl') });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

export interface TestDataApi {
  /** Sends each call once, so that a test sees the first answer. */
  readonly client: RDSDataClient;
  readonly clusterArn: string;
  readonly secretArn: string;
  /** The name of the database, which every call must give. */
  readonly database: string;
  readonly endpoint: string;
  readonly rdsData: RdsData;
  close(): Promise<void>;
}

/** The Data API on this database, behind a gateway of its own. Call `close` in `afterAll`, before the database is dropped. */
export async function dataApi(
  database: Pick<TestDatabase, 'name' | 'url'>,
  options: Pick<RdsDataOptions, 'limits' | 'clock' | 'faults'> = {},
): Promise<TestDataApi> {
  const clusterArn = 'arn:aws:rds:ap-northeast-2:123456789012:cluster:videopick-test';
  const secretArn = 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:videopick-test-AbCdEf';
  const databaseUrlOf = (name: string) => Object.assign(new URL(database.url), { pathname: `/${name}` }).href;
  const rdsData = new RdsData({ databaseUrlOf, clusterArn, secretArn, secretName: 'videopick-test', ...options });
  const gateway = new Gateway({
    services: new Map([['rds-data', rdsData]]),
    web: (_request, response) => void response.writeHead(404).end(),
    onError: () => {}, // the client gets it as InternalServerErrorException
  });
  const endpoint = await gateway.listen(0);
  const client = new RDSDataClient({
    endpoint,
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    clusterArn,
    secretArn,
    database: database.name,
    endpoint,
    rdsData,
    close: async () => {
      client.destroy();
      await gateway.close();
      await rdsData.close();
    },
  };
}
