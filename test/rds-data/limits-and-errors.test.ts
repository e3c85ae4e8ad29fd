import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RdsData } from '../../local/rds-data/rds-data.ts';
import { createDatabase, dataApi, type TestDataApi, type TestDatabase } from '../support/database.ts';
import { holdLock } from '../support/locks.ts';
import { type Calls, callsOf, onlyValue } from './calls.ts';

let database: TestDatabase;
let api: TestDataApi;
let calls: Calls;
/** The same with a statement time of 0.3 s. */
let hasty: TestDataApi;
let hastyCalls: Calls;

beforeAll(async () => {
  database = await createDatabase();
  api = await dataApi(database);
  calls = callsOf(api);
  hasty = await dataApi(database, { limits: { statementTimeoutMs: 300 } });
  hastyCalls = callsOf(hasty);
  await database.query('create table item (id int primary key, name text)');
});
afterAll(async () => {
  await hasty?.close();
  await api?.close();
  await database?.drop();
});

describe('the size of a result', () => {
  // A row of 60,000 characters takes 60,021 bytes in the answer; 17 of them stay below 1 MiB.
  it('up to 1 MiB passes', async () => {
    expect((await calls.execute("select repeat('x', 60000) from generate_series(1, 17)")).records).toHaveLength(17);
  });

  it('beyond 1 MiB is refused', async () => {
    await expect(calls.execute("select repeat('x', 60000) from generate_series(1, 18)")).rejects.toMatchObject({
      name: 'UnsupportedResultException',
      message: expect.stringContaining('Database response exceeded size limit'),
    });
  });

  it('counts the answer, not the data: many small values reach it', async () => {
    await expect(calls.execute('select n from generate_series(1, 100000) n')).rejects.toThrow('exceeded size limit');
  });

  it('a row of 64 KB passes, a larger one is refused', async () => {
    expect((await calls.execute("select repeat('x', 65536)")).records).toHaveLength(1);
    await expect(calls.execute("select repeat('x', 65536), 'y'")).rejects.toMatchObject({
      name: 'UnsupportedResultException',
      message: expect.stringContaining('Packet for query is too large'),
    });
  });
});

describe('the time of a statement', () => {
  it('beyond the limit it is cancelled, and the answer names the connection', async () => {
    const error = await hastyCalls
      .execute('with w as (insert into item values (1) returning id) select pg_sleep(60)::text from w')
      .catch((e) => e);
    expect(error).toMatchObject({ name: 'StatementTimeoutException', $metadata: { httpStatusCode: 400 } });
    expect(error.dbConnectionId).toBeGreaterThan(0);
    expect(
      await database.query(
        "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()",
      ),
    ).toEqual([]);
    expect(await database.query('select id from item where id = 1')).toEqual([]);
  });

  it('with continueAfterTimeout it goes on', async () => {
    const lock = await holdLock(database);
    const call = hastyCalls.execute(`insert into item select 7 from ${lock.taken}`, { continueAfterTimeout: true });
    await expect(call).rejects.toMatchObject({ name: 'StatementTimeoutException' });
    await lock.awaited();
    await lock.release();
    await expect.poll(() => database.query('select id from item where id = 7'), { timeout: 5_000 }).toEqual([{ id: 7 }]);
  });

  it('a transaction does not survive it', async () => {
    const transactionId = await hastyCalls.begin();
    await expect(hastyCalls.execute('select pg_sleep(60)::text', { transactionId })).rejects.toMatchObject({
      name: 'StatementTimeoutException',
    });
    await expect(hastyCalls.commit(transactionId)).rejects.toMatchObject({ name: 'TransactionNotFoundException' });
  });

  it('the session is of use afterwards', async () => {
    expect(onlyValue(await hastyCalls.execute('select 1'))).toEqual({ longValue: 1 });
  });
});

describe('a database error', () => {
  it.each([
    ['select * from nowhere', 'ERROR: relation "nowhere" does not exist; Position: 15; SQLState: 42P01'],
    ['select 1/0', 'ERROR: division by zero; SQLState: 22012'],
    [
      "insert into item values (50, 'a'), (50, 'b')",
      'ERROR: duplicate key value violates unique constraint "item_pkey"\n  Detail: Key (id)=(50) already exists.; SQLState: 23505',
    ],
    [
      'select lenght(name) from item',
      'ERROR: function lenght(text) does not exist; ' +
        'Hint: No function matches the given name and argument types. You might need to add explicit type casts.; Position: 8; SQLState: 42883',
    ],
    ["do $$ begin raise exception 'mine' using errcode = 'VP001'; end $$", 'ERROR: mine; SQLState: VP001'],
  ])('%s', async (sql, message) => {
    await expect(calls.execute(sql)).rejects.toMatchObject({ name: 'DatabaseErrorException', message, $metadata: { httpStatusCode: 400 } });
  });

  it('names an unknown database', async () => {
    await expect(calls.execute('select 1', { database: 'nowhere' })).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: 'FATAL: database "nowhere" does not exist; SQLState: 3D000',
    });
  });

  it('is DatabaseUnavailableException when the connection breaks', async () => {
    await expect(calls.execute('select pg_terminate_backend(pg_backend_pid())')).rejects.toMatchObject({
      name: 'DatabaseUnavailableException',
      $metadata: { httpStatusCode: 504 },
    });
    expect(onlyValue(await calls.execute('select 1'))).toEqual({ longValue: 1 });
  });
});

describe('a request that is refused', () => {
  const arn = 'arn:aws:rds:ap-northeast-2:123456789012:cluster:videopick-test';
  it.each<[string, object, string, string]>([
    ['another cluster', { resourceArn: `${arn}x` }, 'HttpEndpointNotEnabledException', 'HttpEndpoint is not enabled'],
    ['the ARN in other case', { resourceArn: arn.replace('videopick', 'VideoPick') }, 'HttpEndpointNotEnabledException', 'not enabled'],
    [
      'another secret',
      { secretArn: 'arn:aws:secretsmanager:x:1:secret:other' },
      'SecretsErrorException',
      "can't find the specified secret",
    ],
    ['a short ARN', { resourceArn: 'short' }, 'ValidationException', 'greater than or equal to 11'],
    ['a long secret ARN', { secretArn: 'x'.repeat(101) }, 'ValidationException', 'less than or equal to 100'],
    ['schema', { schema: 'public' }, 'ValidationException', "The schema parameter isn't supported"],
    ['a long database name', { database: 'x'.repeat(65) }, 'ValidationException', 'less than or equal to 64'],
    [
      'an unknown hint',
      { parameters: [{ name: 'p', typeHint: 'MONEY', value: { stringValue: '1' } }] },
      'ValidationException',
      'enum value set',
    ],
  ])('%s', async (_what, options, name, message) => {
    await expect(calls.execute('select 1', options)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  it('SQL of 65,536 characters passes, one more is refused', async () => {
    const fill = (length: number) => `select 1 ${'-'.repeat(length - 9)}`;
    expect(onlyValue(await calls.execute(fill(65_536)))).toEqual({ longValue: 1 });
    await expect(calls.execute(fill(65_537))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('a body that is no JSON, a missing member, an unknown operation', async () => {
    expect(await calls.raw('/Execute', '"sql":')).toMatchObject({ status: 400, error: 'ValidationException' });
    expect(await calls.raw('/Execute', '"x":1')).toMatchObject({ status: 400, text: expect.stringContaining("'sql' failed") });
    expect(await calls.raw('/ExecuteSql', '"x":1')).toMatchObject({ status: 404, error: 'UnknownOperationException' });
  });

  it('the name of the secret serves as its ARN', async () => {
    expect(onlyValue(await calls.execute('select 1', { secretArn: 'videopick-test' }))).toEqual({ longValue: 1 });
  });
});

describe('faults on purpose', () => {
  it('the first calls find the cluster resuming, and change nothing', async () => {
    api.rdsData.faults.resumingCalls = 2;
    for (let call = 0; call < 2; call++) {
      await expect(calls.execute('insert into item values (100)')).rejects.toMatchObject({
        name: 'DatabaseResumingException',
        message: expect.stringContaining('is resuming after being auto-paused'),
      });
    }
    expect((await calls.execute('insert into item values (100)')).numberOfRecordsUpdated).toBe(1);
  });

  it('an answer is lost, and the statement has run', async () => {
    api.rdsData.faults.droppedAnswers = 1;
    const started = Date.now();
    await expect(calls.execute('insert into item values (101)')).rejects.toThrow();
    expect(Date.now() - started, 'the connection breaks, it does not hang').toBeLessThan(5_000);
    expect(await database.query('select id from item where id = 101')).toEqual([{ id: 101 }]);
    expect(onlyValue(await calls.execute('select 1'))).toEqual({ longValue: 1 });
  });
});

describe('close', () => {
  const target = { resourceArn: 'arn:aws:rds:x:1:cluster:own', secretArn: 'arn:aws:secretsmanager:x:1:secret:own' };

  it.each([
    ['by itself', false],
    ['in a transaction', true],
  ])('ends a statement that still runs %s, and does not wait for its time to be up', async (_, isInTransaction) => {
    const databaseUrlOf = () => database.url;
    const own = new RdsData({ databaseUrlOf, clusterArn: target.resourceArn, secretArn: target.secretArn });
    const call = async (path: string, members: object) => {
      const request = { method: 'POST', path, query: new URLSearchParams(), headers: {} };
      return (await own.handle({ ...request, body: Buffer.from(JSON.stringify({ ...target, ...members })) })).body;
    };
    const lock = await holdLock(database);
    const transaction = isInTransaction ? await call('/BeginTransaction', {}) : {};
    const running = call('/Execute', { sql: `select ${lock.taken}::text`, ...(transaction as object) }).catch((error: unknown) => error);
    await lock.awaited();
    await own.close();
    expect(await lock.waiting()).toEqual([]);
    expect(await running).toMatchObject({ message: 'ERROR: canceling statement due to user request; SQLState: 57014' });
  });
});
