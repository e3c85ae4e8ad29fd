import type { Field, SqlParameter } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, dataApi, type TestDataApi, type TestDatabase } from '../support/database.ts';
import { type Calls, callsOf, long, onlyValue, text } from './calls.ts';

let database: TestDatabase;
let api: TestDataApi;
let calls: Calls;

beforeAll(async () => {
  database = await createDatabase();
  api = await dataApi(database);
  calls = callsOf(api);
  await database.query('create table typed (id uuid, doc jsonb, at timestamptz, n numeric, name text, small int)');
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const typeOf = async (parameter: SqlParameter) => onlyValue(await calls.execute('select pg_typeof(:p)::text', { parameters: [parameter] }));

describe('the declared type of a parameter', () => {
  it.each<[string, Omit<SqlParameter, 'name'>, string]>([
    ['a string', { value: { stringValue: 'x' } }, 'text'],
    ['a long', { value: { longValue: 5 } }, 'bigint'],
    ['a double', { value: { doubleValue: 1.5 } }, 'double precision'],
    ['a boolean', { value: { booleanValue: true } }, 'boolean'],
    ['a blob', { value: { blobValue: Uint8Array.from([1]) } }, 'bytea'],
    ['DATE', { typeHint: 'DATE', value: { stringValue: '2026-11-23' } }, 'date'],
    ['TIME', { typeHint: 'TIME', value: { stringValue: '09:05:00.123' } }, 'time without time zone'],
    ['TIMESTAMP', { typeHint: 'TIMESTAMP', value: { stringValue: '2026-11-23 09:05:00.123' } }, 'timestamp without time zone'],
    ['DECIMAL', { typeHint: 'DECIMAL', value: { stringValue: '-12.50' } }, 'numeric'],
    ['JSON', { typeHint: 'JSON', value: { stringValue: '{"a":1}' } }, 'json'],
    ['UUID', { typeHint: 'UUID', value: { stringValue: '7f3c0a52-0000-4000-8000-00000000000a' } }, 'uuid'],
  ])('%s', async (_what, parameter, type) => {
    expect(await typeOf({ name: 'p', ...parameter })).toEqual({ stringValue: type });
  });

  it('of a null is left to the context', async () => {
    await calls.execute('insert into typed (id, doc, at, n, name) values (:p, :p2, :p3, :p4, :p5)', {
      parameters: ['p', 'p2', 'p3', 'p4', 'p5'].map((name) => ({ name, value: { isNull: true } })),
    });
    await expect(calls.execute('select :p is null', { parameters: [{ name: 'p', value: { isNull: true } }] })).rejects.toThrow(
      'SQLState: 42P18',
    );
  });
});

describe('strict binding, as on AWS', () => {
  it.each([
    ['insert into typed (doc) values (:p)', '42804'],
    ['insert into typed (id) values (:p)', '42804'],
    ['select 1 from typed where id = :p', '42883'],
    ['select 1 from typed where at >= :p', '42883'],
  ])('a plain string is text: %s fails with %s', async (sql, state) => {
    await expect(calls.execute(sql, { parameters: [text('p', '{}')] })).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: expect.stringContaining(`SQLState: ${state}`),
    });
  });

  it('a cast makes it fit', async () => {
    const id = '7f3c0a52-0000-4000-8000-00000000000a';
    const answer = await calls.execute('insert into typed (id, doc) values (:id::uuid, :doc::jsonb) returning id', {
      parameters: [text('id', id), text('doc', '{"a":1}')],
    });
    expect(onlyValue(answer)).toEqual({ stringValue: id });
  });

  it('so does a hint, in a jsonb column too', async () => {
    await calls.execute('insert into typed (doc) values (:doc)', {
      parameters: [{ name: 'doc', typeHint: 'JSON', value: { stringValue: '{"hinted":true}' } }],
    });
    expect(await database.query('select 1 from typed where doc @> \'{"hinted":true}\'')).toHaveLength(1);
  });
});

describe('the form a hint asks for', () => {
  it.each([
    ['TIMESTAMP', '2026-01-01T00:00:00.000Z', 'TimeStamp'],
    ['TIMESTAMP', '2026-01-01 00:00:00.123456', 'TimeStamp'],
    ['DATE', '2026/01/01', 'Date'],
    ['TIME', '9:05', 'Time'],
    ['UUID', 'not-a-uuid', 'UUID'],
    ['DECIMAL', 'twelve', 'Decimal'],
  ] as const)('%s refuses %s', async (typeHint, stringValue, label) => {
    const call = calls.execute('select :p', { parameters: [{ name: 'p', typeHint, value: { stringValue } }] });
    await expect(call).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: `Parse Error for ${label}: input contains invalid characters`,
    });
  });

  it('an impossible date is the database’s to refuse', async () => {
    const call = calls.execute('select :p', { parameters: [{ name: 'p', typeHint: 'DATE', value: { stringValue: '2026-02-30' } }] });
    await expect(call).rejects.toThrow('SQLState: 22008');
  });

  it('a hint on anything but a string is refused', async () => {
    const call = calls.execute('select :p', { parameters: [{ name: 'p', typeHint: 'DECIMAL', value: { longValue: 1 } }] });
    await expect(call).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('names in the SQL', () => {
  it('are told from casts, strings, quoted identifiers, comments and dollar quotes', async () => {
    const sql = `select :a::int as "x:a", ':a' as s, E'\\':a' as e, $$:a$$ as d, $t$:a$t$ as t /* :a /* :a */ */ -- :a`;
    const { records } = await calls.execute(sql, { parameters: [long('a', 7)] });
    expect(records).toEqual([
      [{ longValue: 7 }, { stringValue: ':a' }, { stringValue: "':a" }, { stringValue: ':a' }, { stringValue: ':a' }],
    ]);
  });

  it('used twice are bound once', async () => {
    const answer = await calls.execute('select :a || :b || :a', { parameters: [text('a', 'x'), text('b', 'y')] });
    expect(onlyValue(answer)).toEqual({ stringValue: 'xyx' });
    // Only as one and the same parameter does the cast give both their type.
    const twice = await calls.execute('select :a::int, pg_typeof(:a)::text', { parameters: [{ name: 'a', value: { isNull: true } }] });
    expect(twice.records).toEqual([[{ isNull: true }, { stringValue: 'integer' }]]);
  });

  it('are the only ones: $1 is refused, so that it cannot take the value of a named one', async () => {
    await expect(calls.execute('select $1 || :a', { parameters: [text('a', 'x')] })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('found $1'),
    });
    expect(onlyValue(await calls.execute("select '$1' || $$ $1 $$"))).toEqual({ stringValue: '$1 $1 ' });
  });

  it('leave array slices alone', async () => {
    const { records } = await calls.execute('select (array[1,2,3])[1:2], (array[1,2,3])[:n\\:\\:int]'.replaceAll('\\', ''), {
      parameters: [long('n', 3)],
    });
    expect(records).toEqual([[{ arrayValue: { longValues: [1, 2] } }, { longValue: 3 }]]);
  });

  it.each<[string, string, SqlParameter[], string]>([
    ['missing', 'select :a, :b', [text('a', 'x')], 'Cannot find parameter: b'],
    ['unused', 'select :a', [text('a', 'x'), text('c', 'y')], 'no parameter named: c'],
    ['repeated', 'select :a', [text('a', 'x'), text('a', 'y')], 'given more than once'],
  ])('%s are refused', async (_what, sql, parameters, message) => {
    await expect(calls.execute(sql, { parameters })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });
});

describe('values', () => {
  it.each<[string, Field, string, unknown]>([
    ['quotes, backslashes and dollar signs', { stringValue: `'";\\ $1 :x --` }, 'text', { stringValue: `'";\\ $1 :x --` }],
    ['Korean and emoji', { stringValue: '캠페인 🎬' }, 'text', { stringValue: '캠페인 🎬' }],
    ['a long string', { stringValue: 'x'.repeat(60_000) }, 'text', { stringValue: 'x'.repeat(60_000) }],
    ['an infinity', { doubleValue: Number.POSITIVE_INFINITY }, 'float8', { doubleValue: Number.POSITIVE_INFINITY }],
    ['a whole double', { doubleValue: 3 }, 'float8', { doubleValue: 3 }],
    ['bytes', { blobValue: Uint8Array.from([0, 1, 255]) }, 'bytea', { blobValue: Uint8Array.from([0, 1, 255]) }],
  ])('%s come back as they went', async (_what, value, type, expected) => {
    expect(onlyValue(await calls.execute(`select :p::${type}`, { parameters: [{ name: 'p', value }] }))).toEqual(expected);
  });

  it('of 64 bits are read exactly', async () => {
    const { text: body } = await calls.raw(
      '/Execute',
      '"sql":"select :p::text","parameters":[{"name":"p","value":{"longValue":9223372036854775807}}]',
    );
    expect(JSON.parse(body).records).toEqual([[{ stringValue: '9223372036854775807' }]]);
  });

  it.each([
    ['an array', '{"arrayValue":{"longValues":[1]}}', 'Array parameters are not supported'],
    ['two members', '{"longValue":1,"stringValue":"x"}', 'exactly one member'],
    ['no member', '{}', 'exactly one member'],
    ['a fraction as long', '{"longValue":1.5}', 'whole number'],
    ['65 bits', '{"longValue":9223372036854775808}', '64 bits'],
    ['a number as string', '{"stringValue":1}', 'must be a string'],
  ])('refuses %s', async (_what, value, message) => {
    const answer = await calls.raw('/Execute', `"sql":"select :p","parameters":[{"name":"p","value":${value}}]`);
    expect(answer).toMatchObject({ status: 400, error: 'ValidationException', text: expect.stringContaining(message) });
  });

  it('a NUL character is the database’s to refuse', async () => {
    await expect(calls.execute('select :p', { parameters: [text('p', 'a\0b')] })).rejects.toThrow('SQLState: 22021');
  });
});
