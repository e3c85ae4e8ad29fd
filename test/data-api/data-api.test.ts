import { randomUUID } from 'node:crypto';
import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  RDSDataClient,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataApi, sqlStateOf } from '../../lambdas/data-api/data-api.ts';
import { compileCopy } from '../../lambdas/migration/compile/copy.ts';
import { copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { user } from '../../lambdas/migration/entities/user.ts';
import { dataApi, type TestDataApi } from '../support/database.ts';
import { contentOf, emptyLegacy, emptyVideoPlatform } from '../support/database-content.ts';
import { insertLegacy, legacyUser } from '../support/legacy-rows.ts';
import { copying, open } from '../support/migration.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';

const target = {
  clusterArn: 'arn:aws:rds:ap-northeast-2:123456789012:cluster:c',
  secretArn: 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:s-AbCdEf',
  database: 'linkpick',
};

/** An error as the SDK throws it. */
function serviceError(name: string, message = '', status = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

describe('the client', () => {
  const mock = mockClient(new RDSDataClient({ region: 'ap-northeast-2' }));
  const waits: number[] = [];
  // Waiting costs no time: the clock moves on by what was asked for.
  const wait = async (ms: number) => {
    waits.push(ms);
    vi.setSystemTime(Date.now() + ms);
  };
  const db = new DataApi(mock as unknown as RDSDataClient, target, { wait });

  beforeEach(() => {
    mock.reset();
    waits.length = 0;
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => vi.useRealTimers());

  it('sends every kind of parameter as the field of its type', async () => {
    mock.on(ExecuteStatementCommand).resolves({});
    await db.query('select 1', { text: '', digits: '12', int: 3, negative: -0.5, yes: true, no: false, nothing: null });
    expect(mock.commandCalls(ExecuteStatementCommand)[0]?.args[0].input).toEqual({
      resourceArn: target.clusterArn,
      secretArn: target.secretArn,
      database: 'linkpick',
      sql: 'select 1',
      includeResultMetadata: true,
      transactionId: undefined,
      parameters: [
        { name: 'text', value: { stringValue: '' } },
        { name: 'digits', value: { stringValue: '12' } },
        { name: 'int', value: { longValue: 3 } },
        { name: 'negative', value: { doubleValue: -0.5 } },
        { name: 'yes', value: { booleanValue: true } },
        { name: 'no', value: { booleanValue: false } },
        { name: 'nothing', value: { isNull: true } },
      ],
    });
  });

  it('gives no rows for a statement that has none', async () => {
    mock.on(ExecuteStatementCommand).resolves({ numberOfRecordsUpdated: 3, generatedFields: [] });
    expect(await db.query('update t set a = 1')).toEqual([]);
  });

  it('waits for a paused cluster, longer each time up to a bound, until it answers', async () => {
    let calls = 0;
    mock.on(ExecuteStatementCommand).callsFake(() => {
      calls += 1;
      if (calls <= 6) throw serviceError('DatabaseResumingException');
      return { records: [[{ longValue: 1 }]], columnMetadata: [{ label: 'one', typeName: 'int4' }] };
    });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(calls).toBe(7);
    const ceilings = [1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
    expect(waits).toHaveLength(ceilings.length);
    for (const [index, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual((ceilings[index] ?? 0) / 2);
      expect(ms).toBeLessThanOrEqual(ceilings[index] ?? 0);
    }
  });

  it.each(['query', 'transaction'] as const)('gives a cluster that never resumes up after more than a minute: %s', async (method) => {
    mock.onAnyCommand().rejects(serviceError('DatabaseResumingException', 'is resuming'));
    const start = Date.now();
    const call = method === 'query' ? db.query('select 1') : db.transaction(async () => undefined);
    await expect(call).rejects.toMatchObject({ name: 'DatabaseResumingException', message: 'is resuming' });
    expect(Date.now() - start).toBeGreaterThan(60_000);
    expect(Date.now() - start).toBeLessThanOrEqual(90_000);
  });

  it.each([
    'DatabaseErrorException',
    'StatementTimeoutException',
    'ValidationException',
    'BadRequestException',
    'AccessDeniedException',
    'ForbiddenException',
    'UnsupportedResultException',
  ])('asks once when the answer is %s', async (name) => {
    mock.on(ExecuteStatementCommand).rejects(serviceError(name));
    await expect(db.query('select 1')).rejects.toMatchObject({ name });
    expect(mock.commandCalls(ExecuteStatementCommand)).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('runs a transaction in its own id and commits it', async () => {
    mock.on(BeginTransactionCommand).resolves({ transactionId: 't1' });
    mock.on(ExecuteStatementCommand).resolves({ records: [[{ longValue: 7 }]], columnMetadata: [{ label: 'n' }] });
    mock.on(CommitTransactionCommand).resolves({});
    expect(await db.transaction(async (query) => (await query<{ n: number }>('select 7 as n'))[0]?.n)).toBe(7);
    expect(mock.commandCalls(ExecuteStatementCommand)[0]?.args[0].input.transactionId).toBe('t1');
    expect(mock.commandCalls(CommitTransactionCommand)[0]?.args[0].input).toMatchObject({ transactionId: 't1' });
    expect(mock.commandCalls(RollbackTransactionCommand)).toEqual([]);
  });

  it('rolls back and passes on what the work throws', async () => {
    mock.on(BeginTransactionCommand).resolves({ transactionId: 't1' });
    mock.on(RollbackTransactionCommand).resolves({});
    const fault = new Error('no');
    await expect(db.transaction(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(mock.commandCalls(RollbackTransactionCommand)).toHaveLength(1);
    expect(mock.commandCalls(CommitTransactionCommand)).toEqual([]);
  });

  it.each(['TransactionNotFoundException', 'NotFoundException', 'DatabaseUnavailableException'])(
    'keeps the first error when the rollback answers %s',
    async (name) => {
      mock.on(BeginTransactionCommand).resolves({ transactionId: 't1' });
      mock.on(ExecuteStatementCommand).rejects(serviceError('DatabaseErrorException', 'ERROR: first; SQLState: 23505'));
      mock.on(RollbackTransactionCommand).rejects(serviceError(name, 'gone', 404));
      const failing = db.transaction(async (query) => query('insert'));
      await expect(failing).rejects.toMatchObject({ name: 'DatabaseErrorException', message: 'ERROR: first; SQLState: 23505' });
    },
  );

  it('says which SQLSTATE a database error has, and none for any other error', () => {
    const failing = (message: string, name = 'DatabaseErrorException') => sqlStateOf(serviceError(name, message));
    expect(
      failing('ERROR: duplicate key value violates unique constraint "u"\n  Detail: Key (id)=(1) already exists.; SQLState: 23505'),
    ).toBe('23505');
    expect(
      failing('ERROR: duplicate key\n  Detail: Key (email)=(SQLState: 40001) already exists.; SQLState: 23505'),
      'a value that reads like one',
    ).toBe('23505');
    expect(failing('ERROR: relation "t" does not exist; Position: 15; SQLState: 42P01')).toBe('42P01');
    expect(failing('Transaction is still running a query')).toBeUndefined();
    expect(failing('SQLState: 23505', 'BadRequestException')).toBeUndefined();
    expect(sqlStateOf('SQLState: 23505')).toBeUndefined();
    expect(sqlStateOf(undefined)).toBeUndefined();
  });
});

describe('on PostgreSQL', () => {
  let database: MigrationDatabase;
  let api: TestDataApi;
  let db: DataApi;

  beforeAll(async () => {
    database = await createMigrationDatabase();
    api = await dataApi(database);
    db = new DataApi(api.client, api, { wait: async () => undefined });
    await database.query('create table public.item (id int primary key)');
  });
  afterAll(async () => {
    await api?.close();
    await database?.close();
  });
  beforeEach(async () => {
    await database.query('truncate public.item');
    await emptyLegacy(database);
    await emptyVideoPlatform(database);
    Object.assign(api.rdsData.faults, { resumingCalls: 0, droppedAnswers: 0 });
  });

  it('gives each column the value of its type, and null for null', async () => {
    const [row] = await db.query(`select 1::int as int, 9007199254740991::bigint as bigint, 1.10::numeric as numeric, 0.5::float8 as float,
      true as yes, false as no, ''::text as empty, '{"a": [1, null]}'::jsonb as jsonb, '[1]'::json as json, 'null'::jsonb as json_null, '"x"'::jsonb as json_text,
      array['a', null, '{"b"}'] as texts, array[1, 2] as ints, array[true] as bools, array[1.5::float8] as floats, array[]::text[] as none,
      null::text as text_null, null::jsonb as jsonb_null, null::text[] as array_null, '{"not": "json"}' as like_json,
      timestamptz '2026-11-23 09:00:00+09' as instant`);
    expect(row).toEqual({
      int: 1,
      bigint: 9007199254740991,
      numeric: '1.10',
      float: 0.5,
      yes: true,
      no: false,
      empty: '',
      jsonb: { a: [1, null] },
      json: [1],
      json_null: null,
      json_text: 'x',
      texts: ['a', null, '{"b"}'],
      ints: [1, 2],
      bools: [true],
      floats: [1.5],
      none: [],
      text_null: null,
      jsonb_null: null,
      array_null: null,
      like_json: '{"not": "json"}',
      instant: expect.stringMatching(/^2026-11-23 00:00:00/),
    });
  });

  it('takes back what it was given, whatever the characters', async () => {
    const text = `'; drop table item; -- :text \\ "한글" 👩‍🚀 $1 $$`;
    const parameters = { text, whole: -42, part: 0.25, yes: true, nothing: null };
    const [row] = await db.query(
      'select :text as text, :whole as whole, :part as part, :yes as yes, :nothing::text as nothing, :text = :text as twice',
      parameters,
    );
    expect(row).toEqual({ ...parameters, twice: true });
  });

  it('gets through while the cluster wakes up, in a statement and in a transaction', async () => {
    api.rdsData.faults.resumingCalls = 5;
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    api.rdsData.faults.resumingCalls = 3;
    await db.transaction((query) => query('insert into item values (1)'));
    expect(await database.query('select id from item')).toEqual([{ id: 1 }]);
  });

  it('commits all of a transaction or nothing of it, and leaves none open', async () => {
    await db.transaction(async (query) => {
      await query('insert into item values (1)');
      await query('insert into item values (2)');
    });
    const failing = db.transaction(async (query) => {
      await query('insert into item values (3)');
      await query('insert into item values (1)');
    });
    await expect(failing).rejects.toSatisfy((error) => sqlStateOf(error) === '23505');
    const thrown = db.transaction(async (query) => {
      await query('insert into item values (4)');
      throw new RangeError('stop');
    });
    await expect(thrown).rejects.toThrow(RangeError);
    expect(await database.query('select id from item order by id')).toEqual([{ id: 1 }, { id: 2 }]);
    const openTransactions = await database.query(
      `select pid from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    );
    expect(openTransactions).toEqual([]);
  });

  it('passes the error on that killed a transaction, even when the work went on after it', async () => {
    const stubborn = db.transaction(async (query) => {
      await query('insert into item values (1)');
      await query('insert into item values (1)').catch(() => undefined);
      await query('insert into item values (2)');
    });
    await expect(stubborn).rejects.toMatchObject({ name: 'TransactionNotFoundException' });
    expect(await database.query('select id from item')).toEqual([]);
  });

  describe('when the answer of a committed copy is lost', () => {
    const copySql = compileCopy(user, { bounded: false, occupied: false });
    const opened = () => open(db, { dailyLimit: 5 });

    beforeEach(async () => {
      const rows = Array.from({ length: 10 }, (_, index) => legacyUser({ type: index === 2 ? '?' : 'ADMIN' }));
      await insertLegacy(database, 'users', rows);
    });

    /** As the SDK of the Lambdas: a call whose answer is lost is sent again. */
    function retryingClient(): RDSDataClient {
      return new RDSDataClient({
        endpoint: api.endpoint,
        region: 'ap-northeast-2',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 3,
      });
    }

    it('the repeated statement finds its batch key taken and changes nothing', async () => {
      const { runId } = await opened();
      const retrying = retryingClient();
      api.rdsData.faults.droppedAnswers = 1;
      const sent = new DataApi(retrying, api).query(copySql, { run: runId, batch: randomUUID(), range: 0, limit: 4, aside: 4, only: null });
      await expect(sent).rejects.toSatisfy((error) => sqlStateOf(error) === '23505' && String(error).includes('migration_batch_pkey'));
      retrying.destroy();
      expect(api.rdsData.faults.droppedAnswers).toBe(0);
      expect(
        await database.query('select status, count(*)::int as rows from video_platform.migration_status group by status order by status'),
      ).toEqual([
        { status: 'completed', rows: 3 },
        { status: 'failed', rows: 1 },
      ]);
      expect(await database.query('select completed::int from video_platform.migration_quota')).toEqual([{ completed: 3 }]);
    });

    it.each([1, 2, 3])('the step reads back what batch %i came to and goes on: nothing twice, the quota not overdrawn', async (lostAt) => {
      const copy = async (client: DataApi) => {
        const { runId, runDate, remaining } = await opened();
        const output = await copyEntity({ runId, runDate, remaining, entities: ['user'] }, copying(client, { batchRows: 2 }));
        const { migration_run: _run, change_log: _changes, ...content } = await contentOf(database);
        await emptyVideoPlatform(database);
        return { remaining: output.remaining, content };
      };
      const calm = await copy(db);
      expect(calm.remaining).toBe(0);
      const retrying = retryingClient();
      let copies = 0;
      const losing = new DataApi(retrying, api);
      const query = losing.query.bind(losing);
      losing.query = (sql, parameters) => {
        if (sql.startsWith('-- copy') && ++copies === lostAt) api.rdsData.faults.droppedAnswers = 1;
        return query(sql, parameters);
      };
      expect(await copy(losing)).toEqual(calm);
      retrying.destroy();
      expect(api.rdsData.faults.droppedAnswers).toBe(0);
    });
  });
});
