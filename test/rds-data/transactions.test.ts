import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, dataApi, type TestDataApi, type TestDatabase } from '../support/database.ts';
import { holdLock } from '../support/locks.ts';
import { type Calls, callsOf } from './calls.ts';

const MINUTE_MS = 60_000;
let now = 0;
let database: TestDatabase;
let api: TestDataApi;
let calls: Calls;

beforeAll(async () => {
  database = await createDatabase();
  api = await dataApi(database, { clock: () => now });
  calls = callsOf(api);
  await database.query('create table item (id int primary key)');
  await database.query('create table child (item_id int references item deferrable initially deferred)');
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});
beforeEach(() => database.query('truncate item, child'));
afterEach(async () => {
  const open = await database.query(
    `select pid from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  );
  expect(open, 'every transaction has ended').toEqual([]);
});

const ids = async () => (await database.query<{ id: number }>('select id from item order by id')).map(({ id }) => id);

describe('a transaction', () => {
  it('shows its rows to others when it is committed', async () => {
    const transactionId = await calls.begin();
    await calls.execute('insert into item values (1)', { transactionId });
    expect(await ids()).toEqual([]);
    expect(await calls.commit(transactionId)).toMatchObject({ transactionStatus: 'Transaction Committed' });
    expect(await ids()).toEqual([1]);
  });

  it('leaves nothing when it is rolled back', async () => {
    const transactionId = await calls.begin();
    await calls.execute('insert into item values (1)', { transactionId });
    expect(await calls.rollback(transactionId)).toMatchObject({ transactionStatus: 'Rollback Complete' });
    expect(await ids()).toEqual([]);
  });

  it('takes SAVEPOINT and ROLLBACK TO as statements', async () => {
    const transactionId = await calls.begin();
    await calls.execute('insert into item values (1)', { transactionId });
    await calls.execute('savepoint here', { transactionId });
    await calls.execute('insert into item values (2)', { transactionId });
    await calls.execute('rollback to savepoint here', { transactionId });
    await calls.commit(transactionId);
    expect(await ids()).toEqual([1]);
  });

  it('reports what only COMMIT finds, and is over then', async () => {
    const transactionId = await calls.begin();
    await calls.execute('insert into child values (99)', { transactionId });
    await expect(calls.commit(transactionId)).rejects.toThrow('SQLState: 23503');
    await expect(calls.commit(transactionId)).rejects.toMatchObject({ name: 'TransactionNotFoundException' });
  });

  it('runs one query at a time: a second fails at once and the first goes on', async () => {
    const transactionId = await calls.begin();
    const lock = await holdLock(database);
    const first = calls.execute(`select ${lock.taken}::text`, { transactionId });
    await lock.awaited();
    await expect(calls.execute('select 1', { transactionId })).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: 'Transaction is still running a query',
    });
    await lock.release();
    await first;
    await calls.execute('insert into item values (1)', { transactionId });
    await calls.commit(transactionId);
    expect(await ids()).toEqual([1]);
  });

  it('takes one of many calls that come at the same moment', async () => {
    const transactionId = await calls.begin();
    const lock = await holdLock(database);
    let refused = 0;
    const answers = Array.from({ length: 8 }, () =>
      calls.execute(`select ${lock.taken}::text`, { transactionId }).catch((error: unknown) => {
        refused += 1;
        throw error;
      }),
    );
    const settled = Promise.allSettled(answers);
    await expect.poll(() => refused, { timeout: 10_000 }).toBe(7);
    await lock.awaited();
    await lock.release();
    expect((await settled).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await calls.rollback(transactionId);
  });

  it('belongs to one database', async () => {
    const transactionId = await calls.begin();
    await expect(calls.execute('select 1', { transactionId, database: 'postgres' })).rejects.toMatchObject({ name: 'ValidationException' });
    await calls.execute('select 1', { transactionId, database: undefined });
    await calls.rollback(transactionId);
  });

  it('survives a call that is refused before it reaches the database', async () => {
    const transactionId = await calls.begin();
    await expect(calls.execute('select :missing', { transactionId })).rejects.toMatchObject({ name: 'ValidationException' });
    await calls.execute('insert into item values (1)', { transactionId });
    await calls.commit(transactionId);
    expect(await ids()).toEqual([1]);
  });
});

describe('a transaction that is no more', () => {
  const gone = (id: string, cause: string) => ({
    name: 'TransactionNotFoundException',
    message: `Transaction ${id} isn't found. ${cause}`,
    $metadata: { httpStatusCode: 404 },
  });

  it('after an error: nothing of it stays, and the cause is told', async () => {
    const transactionId = await calls.begin();
    await calls.execute('insert into item values (1)', { transactionId });
    await expect(calls.execute('insert into item values (1)', { transactionId })).rejects.toThrow('SQLState: 23505');
    const cause = 'Transaction has been aborted due to an error from a previous call.';
    await expect(calls.execute('select 1', { transactionId })).rejects.toMatchObject(gone(transactionId, cause));
    await expect(calls.commit(transactionId)).rejects.toMatchObject(gone(transactionId, cause));
    expect(await ids()).toEqual([]);
  });

  it('after its end', async () => {
    const transactionId = await calls.begin();
    await calls.commit(transactionId);
    const cause = 'One previous call resulted in a termination of your transaction.';
    await expect(calls.execute('select 1', { transactionId })).rejects.toMatchObject(gone(transactionId, cause));
    await expect(calls.rollback(transactionId)).rejects.toMatchObject(gone(transactionId, cause));
  });

  it('never begun', async () => {
    await expect(calls.execute('select 1', { transactionId: 'nobody' })).rejects.toMatchObject(
      gone('nobody', 'Transaction may be expired.'),
    );
  });

  it('after three minutes without a call', async () => {
    const transactionId = await calls.begin();
    await calls.execute('insert into item values (1)', { transactionId });
    now += 2.9 * MINUTE_MS;
    await calls.execute('insert into item values (2)', { transactionId });
    now += 2.9 * MINUTE_MS;
    await calls.execute('insert into item values (3)', { transactionId });
    now += 3.1 * MINUTE_MS;
    await expect(calls.commit(transactionId)).rejects.toMatchObject(gone(transactionId, 'Transaction may be expired.'));
    expect(await ids()).toEqual([]);
  });

  it('after 24 hours, however busy', async () => {
    const transactionId = await calls.begin();
    for (let hours = 0; hours < 24; hours += 0.04) {
      now += 0.04 * 60 * MINUTE_MS;
      await calls.execute('select 1', { transactionId }).catch(() => {});
    }
    await expect(calls.execute('select 1', { transactionId })).rejects.toMatchObject(gone(transactionId, 'Transaction may be expired.'));
  });

  it('is rolled back when its time is up, without a further call', async () => {
    const transactionId = await calls.begin();
    await calls.execute('insert into item values (1)', { transactionId });
    now += 4 * MINUTE_MS;
    // The row's key is locked until the rollback: this insert waits for it.
    await database.query('insert into item values (1)');
    expect(await ids()).toEqual([1]);
  });
});
