import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, dataApi, type TestDataApi, type TestDatabase } from '../support/database.ts';
import { type Calls, callsOf, long, onlyValue, text } from './calls.ts';

let database: TestDatabase;
let api: TestDataApi;
let calls: Calls;

beforeAll(async () => {
  database = await createDatabase();
  api = await dataApi(database);
  calls = callsOf(api);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});
beforeEach(async () => {
  await database.query('drop table if exists item');
  await database.query('create table item (id int primary key, name text)');
});

describe('numberOfRecordsUpdated', () => {
  it.each([
    ['insert into item select n, n::text from generate_series(1, 3) n', 3],
    ["update item set name = 'x' where id < 0", 0],
    ['create table if not exists other (id int)', 0],
    ['create temp table counted as select 1 union select 2', 0],
    ['merge into item using (values (9)) v (id) on item.id = v.id when not matched then insert values (v.id)', 1],
  ])('%s: %i, and no records', async (sql, count) => {
    const answer = await calls.execute(sql);
    expect(answer).toMatchObject({ numberOfRecordsUpdated: count, generatedFields: [] });
    expect(answer.records).toBeUndefined();
  });

  it('is 0 with RETURNING, which gives the rows', async () => {
    const answer = await calls.execute("insert into item values (1, 'a'), (2, 'b') returning id");
    expect(answer).toMatchObject({ numberOfRecordsUpdated: 0, records: [[{ longValue: 1 }], [{ longValue: 2 }]] });
  });

  it('is 0 for a SELECT, and for a SELECT that changes rows in a WITH', async () => {
    expect((await calls.execute('select 1')).numberOfRecordsUpdated).toBe(0);
    const answer = await calls.execute("with new as (insert into item values (1, 'a') returning id) select count(*) from new");
    expect(answer).toMatchObject({ numberOfRecordsUpdated: 0, records: [[{ longValue: 1 }]] });
  });

  it('an empty result is an empty list of records', async () => {
    expect((await calls.execute('select 1 where false')).records).toEqual([]);
  });
});

describe('formatRecordsAs JSON', () => {
  const json = async (sql: string, options: object = {}) => {
    const answer = await calls.execute(sql, { formatRecordsAs: 'JSON', ...options });
    expect(answer.records).toBeUndefined();
    expect(answer.columnMetadata).toBeUndefined();
    return JSON.parse(answer.formattedRecords ?? 'null');
  };

  it('gives objects by label', async () => {
    const sql = String.raw`select 1 as n, 1.5::float8 as f, true as b, 'x' as s, null as z, array[1,2] as a, 1.50::numeric as d,
      '{"k":"v"}'::jsonb as j, '\x01ff'::bytea as y, '2026-11-23 09:00+09'::timestamptz as t`;
    expect(await json(sql)).toEqual([
      { n: 1, f: 1.5, b: true, s: 'x', z: null, a: [1, 2], d: '1.50', j: '{"k": "v"}', y: 'Af8=', t: '2026-11-23 00:00:00' },
    ]);
  });

  it('follows decimalReturnType and leaves metadata out', async () => {
    const options = { resultSetOptions: { decimalReturnType: 'DOUBLE_OR_LONG' }, includeResultMetadata: true };
    expect(await json('select 1.5::numeric as d, 2::numeric as l', options)).toEqual([{ d: 1.5, l: 2 }]);
  });

  it('keeps all 64 bits', async () => {
    const answer = await calls.execute('select 9223372036854775807::int8 as n', { formatRecordsAs: 'JSON' });
    expect(answer.formattedRecords).toBe('[{"n":9223372036854775807}]');
  });

  it('refuses two columns with one label', async () => {
    await expect(calls.execute('select 1 as a, 2 as a', { formatRecordsAs: 'JSON' })).rejects.toThrow('label "a"');
  });

  it('is ignored for what is not a SELECT', async () => {
    const answer = await calls.execute("insert into item values (1, 'a') returning id", { formatRecordsAs: 'JSON' });
    expect(answer.records).toEqual([[{ longValue: 1 }]]);
    expect(answer.formattedRecords).toBeUndefined();
  });
});

describe('BatchExecuteStatement', () => {
  it('runs the statement once a set, and gives neither rows nor counts', async () => {
    const sets = [1, 2, 3].map((id) => [long('id', id), text('name', `n${id}`)]);
    const { updateResults } = await calls.batch('insert into item values (:id, :name) returning id', sets);
    expect(updateResults).toEqual([{ generatedFields: [] }, { generatedFields: [] }, { generatedFields: [] }]);
    expect(await database.query('select count(*)::int as n from item')).toEqual([{ n: 3 }]);
  });

  it('is all or nothing', async () => {
    const sets = [1, 2, 1].map((id) => [long('id', id)]);
    await expect(calls.batch('insert into item (id) values (:id)', sets)).rejects.toThrow('SQLState: 23505');
    expect(await database.query('select * from item')).toEqual([]);
  });

  it('may change the type of a parameter from set to set', async () => {
    await calls.batch('insert into item values (:id, :name)', [
      [long('id', 1), { name: 'name', value: { isNull: true } }],
      [long('id', 2), text('name', 'b')],
    ]);
    expect(await database.query('select name from item order by id')).toEqual([{ name: null }, { name: 'b' }]);
  });

  it('works inside a transaction', async () => {
    const transactionId = await calls.begin();
    await calls.batch('insert into item (id) values (:id)', [[long('id', 1)]], { transactionId });
    await calls.rollback(transactionId);
    expect(await database.query('select * from item')).toEqual([]);
  });

  it('does nothing without sets', async () => {
    expect((await calls.batch('insert into item (id) values (1)', [])).updateResults).toEqual([]);
    expect(await database.query('select * from item')).toEqual([]);
  });
});

describe('one statement per call', () => {
  it.each(['select 1; select 2', 'select 1;; select 2', "insert into item values (1, ';'); delete from item"])(
    'refuses %s',
    async (sql) => {
      await expect(calls.execute(sql)).rejects.toMatchObject({ name: 'ValidationException', message: "Multistatements aren't supported." });
    },
  );

  it.each(['select 1;', 'select 1 ; -- done', "select 1 /* ; */ where ';' = $$;$$ ;\n\n", '-- first\nselect 1'])(
    'takes %s',
    async (sql) => {
      expect(onlyValue(await calls.execute(sql))).toEqual({ longValue: 1 });
    },
  );

  it.each(['', ' ; ', '-- nothing'])('refuses the empty statement "%s"', async (sql) => {
    await expect(calls.execute(sql)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it.each(['begin', 'START TRANSACTION', '/* x */ commit', 'end', 'rollback', 'abort', "prepare transaction 'x'"])(
    'refuses transaction control: %s',
    async (sql) => {
      await expect(calls.execute(sql)).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining('BeginTransaction'),
      });
    },
  );

  it('refuses COPY', async () => {
    await expect(calls.execute('copy item from stdin')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('runs a function body with semicolons, and what refuses a transaction block', async () => {
    await calls.execute('create or replace function two() returns int language sql begin atomic select 1; select 2; end');
    expect(onlyValue(await calls.execute('select two()'))).toEqual({ longValue: 2 });
    await calls.execute('create index concurrently item_name on item (name)');
    await calls.execute('vacuum item');
  });
});

describe('sessions', () => {
  it('keep nothing between calls: settings, temporary tables, advisory locks', async () => {
    await calls.execute("set search_path = 'nowhere'");
    await calls.execute('create temp table leak (id int)');
    await calls.execute('select pg_advisory_lock(42)::text');
    // More calls at once than before, so that every pooled session is met.
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => calls.execute("select current_setting('search_path'), to_regclass('leak')::text")),
    );
    for (const { records } of answers) expect(records).toEqual([[{ stringValue: '"$user", public' }, { isNull: true }]]);
    expect(onlyValue(await calls.execute('select pg_try_advisory_lock(42)'))).toEqual({ booleanValue: true });
    const held = await database.query("select 1 from pg_locks where locktype = 'advisory' and objid = 42");
    expect(held.length).toBeLessThanOrEqual(1);
  });
});
