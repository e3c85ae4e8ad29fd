import type { Field } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, dataApi, type TestDataApi, type TestDatabase } from '../support/database.ts';
import { type Calls, callsOf, onlyValue } from './calls.ts';

let database: TestDatabase;
let api: TestDataApi;
let calls: Calls;

beforeAll(async () => {
  database = await createDatabase();
  api = await dataApi(database);
  calls = callsOf(api);
  await database.query(`create type mood as enum ('happy', '슬픔')`);
  await database.query(`create domain short_text as varchar(10)`);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('a value of a supported type', () => {
  const cases: [sql: string, field: Partial<Record<keyof Field, unknown>>][] = [
    ['null::int', { isNull: true }],
    ['null::int[]', { isNull: true }],
    ['1::int2', { longValue: 1 }],
    ['-7::int4', { longValue: -7 }],
    ['9007199254740991::int8', { longValue: 9007199254740991 }],
    ['1.5::float4', { doubleValue: 1.5 }],
    ['0.1::float8', { doubleValue: 0.1 }],
    ["'NaN'::float8", { doubleValue: Number.NaN }],
    ["'-Infinity'::float8", { doubleValue: Number.NEGATIVE_INFINITY }],
    ['true', { booleanValue: true }],
    ['false', { booleanValue: false }],
    ['12.50::numeric(10,2)', { stringValue: '12.50' }],
    ['123456789012345678901234567890::numeric', { stringValue: '123456789012345678901234567890' }],
    ["'한글 🎬'::text", { stringValue: '한글 🎬' }],
    ["''::text", { stringValue: '' }],
    ["'ab'::varchar(5)", { stringValue: 'ab' }],
    ["'ab'::char(5)", { stringValue: 'ab   ' }],
    ["'ab'::name", { stringValue: 'ab' }],
    ["'슬픔'::mood", { stringValue: '슬픔' }],
    ["'x'::short_text", { stringValue: 'x' }],
    ["'7F3C0A52-0000-4000-8000-00000000000a'::uuid", { stringValue: '7f3c0a52-0000-4000-8000-00000000000a' }],
    ["'2026-11-23'::date", { stringValue: '2026-11-23' }],
    ["'09:05:00'::time", { stringValue: '09:05:00' }],
    ["'09:05:00.123456'::time", { stringValue: '09:05:00.123456' }],
    ["'2026-11-23 09:05:00'::timestamp", { stringValue: '2026-11-23 09:05:00' }],
    ["'2026-11-23 09:05:00.5'::timestamp", { stringValue: '2026-11-23 09:05:00.5' }],
    ["'2026-11-23 09:05:00+09'::timestamptz", { stringValue: '2026-11-23 00:05:00' }],
    ["'infinity'::timestamptz", { stringValue: 'infinity' }],
    [`'{"a": 1}'::json`, { stringValue: '{"a": 1}' }],
    [`'{"b":1,"a":[2]}'::jsonb`, { stringValue: '{"a": [2], "b": 1}' }],
    [String.raw`'\x00ff10'::bytea`, { blobValue: bytes(0, 255, 16) }],
    [String.raw`'\x'::bytea`, { blobValue: bytes() }],
    ["'10.0.0.1/24'::inet", { stringValue: '10.0.0.1/24' }],
    ["'10.0.0.0/24'::cidr", { stringValue: '10.0.0.0/24' }],
    ['array[1,null,3]::int4[]', { arrayValue: { longValues: [1, null, 3] } }],
    ['array[1,2]::int2[]', { arrayValue: { longValues: [1, 2] } }],
    ['array[1.5,2]::float8[]', { arrayValue: { doubleValues: [1.5, 2] } }],
    ['array[true,false,null]', { arrayValue: { booleanValues: [true, false, null] } }],
    ['array[1.50,2]::numeric[]', { arrayValue: { stringValues: ['1.50', '2'] } }],
    [
      String.raw`array['a,b','"q"','back\slash','','NULL',null,'{x}']`,
      { arrayValue: { stringValues: ['a,b', '"q"', 'back\\slash', '', 'NULL', null, '{x}'] } },
    ],
    ["array['2026-11-23']::date[]", { arrayValue: { stringValues: ['2026-11-23'] } }],
    ["array['2026-11-23 01:02:03']::timestamp[]", { arrayValue: { stringValues: ['2026-11-23 01:02:03'] } }],
    ["'{}'::text[]", { arrayValue: { stringValues: [] } }],
    ["'[0:1]={7,8}'::int4[]", { arrayValue: { longValues: [7, 8] } }],
  ];
  it.each(cases)('%s', async (sql, field) => {
    expect(onlyValue(await calls.execute(`select ${sql}`))).toEqual(field);
  });

  it('keeps all 64 bits on the wire', async () => {
    const { text } = await calls.raw('/Execute', '"sql":"select 9223372036854775807::int8, (-9223372036854775807 - 1)::int8"');
    expect(text).toContain('[[{"longValue":9223372036854775807},{"longValue":-9223372036854775808}]]');
  });

  it('gives timestamptz in UTC even after the zone was changed in the transaction', async () => {
    const transactionId = await calls.begin();
    await calls.execute("set local timezone = 'Asia/Seoul'", { transactionId });
    const answer = await calls.execute("select '2026-01-01 00:30:00.123456Z'::timestamptz", { transactionId });
    expect(onlyValue(answer)).toEqual({ stringValue: '2026-01-01 00:30:00.123456' });
    await calls.rollback(transactionId);
  });

  it('knows an enum that only the running transaction has made', async () => {
    const transactionId = await calls.begin();
    await calls.execute("create type fresh as enum ('new')", { transactionId });
    expect(onlyValue(await calls.execute("select 'new'::fresh", { transactionId }))).toEqual({ stringValue: 'new' });
    await calls.rollback(transactionId);
  });
});

describe('resultSetOptions', () => {
  it('longReturnType STRING gives whole numbers as text', async () => {
    const answer = await calls.execute('select 9007199254740993::int8', { resultSetOptions: { longReturnType: 'STRING' } });
    expect(onlyValue(answer)).toEqual({ stringValue: '9007199254740993' });
  });

  it.each([
    ['12::numeric(5,0)', { longValue: 12 }],
    ['12.5::numeric', { doubleValue: 12.5 }],
    ['12.00::numeric(5,2)', { doubleValue: 12 }],
  ])('decimalReturnType DOUBLE_OR_LONG: %s', async (sql, field) => {
    const answer = await calls.execute(`select ${sql}`, { resultSetOptions: { decimalReturnType: 'DOUBLE_OR_LONG' } });
    expect(onlyValue(answer)).toEqual(field);
  });
});

describe('a value of an unsupported type', () => {
  it.each([
    ["'pg_class'::regclass", 'regclass'],
    ["'int4'::regtype", 'regtype'],
    [`'x'::"char"`, '"CHAR"'],
    ["'1 day'::interval", 'interval'],
    ["'12.34'::money", 'money'],
    ['point(1,2)', 'point'],
    ['int4range(1,2)', 'int4range'],
    ["'08:00:2b:01:02:03'::macaddr", 'macaddr'],
    ["'a'::tsvector", 'tsvector'],
    ["'09:00+09'::timetz", 'time with time zone'],
    ['1::oid', 'oid'],
    ['array[gen_random_uuid()]', 'uuid[]'],
    ["array['happy'::mood]", 'mood[]'],
    ['row(1, 2)', 'record'],
  ])('%s is refused by name', async (sql, name) => {
    await expect(calls.execute(`select 1, ${sql}`)).rejects.toMatchObject({
      name: 'UnsupportedResultException',
      message: `The result contains the unsupported data type ${name}.`,
    });
  });

  it('a multidimensional array is refused', async () => {
    await expect(calls.execute('select array[[1,2],[3,4]]')).rejects.toMatchObject({ name: 'UnsupportedResultException' });
  });

  it('is refused even when no row comes back', async () => {
    await expect(calls.execute("select '1 day'::interval where false")).rejects.toMatchObject({ name: 'UnsupportedResultException' });
  });

  it('passes when cast to text', async () => {
    expect(onlyValue(await calls.execute("select 'pg_class'::regclass::text"))).toEqual({ stringValue: 'pg_class' });
  });
});

describe('columnMetadata', () => {
  it('is absent unless asked for', async () => {
    expect((await calls.execute('select 1')).columnMetadata).toBeUndefined();
  });

  it('describes an expression as the service does', async () => {
    const { text } = await calls.raw('/Execute', '"sql":"select 123","includeResultMetadata":true');
    expect(JSON.parse(text).columnMetadata).toEqual([
      {
        arrayBaseColumnType: 0,
        isAutoIncrement: false,
        isCaseSensitive: false,
        isCurrency: false,
        isSigned: true,
        label: '?column?',
        name: '?column?',
        nullable: 2,
        precision: 10,
        scale: 0,
        schemaName: '',
        tableName: '',
        type: 4,
        typeName: 'int4',
      },
    ]);
  });

  it('names type, JDBC code, precision and table of each column', async () => {
    await calls.execute(
      `create table described (id serial primary key, name varchar(40) not null, price numeric(12,3), at timestamptz, flags int4[], doc jsonb, m mood)`,
    );
    const { columnMetadata = [] } = await calls.execute('select *, id as alias from described', { includeResultMetadata: true });
    const told = columnMetadata.map((c) => [c.label, c.typeName, c.type, c.precision, c.scale, c.nullable, c.isAutoIncrement, c.tableName]);
    expect(told).toEqual([
      ['id', 'int4', 4, 10, 0, 0, true, 'described'],
      ['name', 'varchar', 12, 40, 0, 0, false, 'described'],
      ['price', 'numeric', 2, 12, 3, 1, false, 'described'],
      ['at', 'timestamptz', 93, 35, 6, 1, false, 'described'],
      ['flags', '_int4', 2003, 2147483647, 0, 1, false, 'described'],
      ['doc', 'jsonb', 1111, 2147483647, 0, 1, false, 'described'],
      ['m', 'mood', 12, 2147483647, 0, 1, false, 'described'],
      ['alias', 'int4', 4, 10, 0, 0, true, 'described'],
    ]);
    expect(columnMetadata[4]?.arrayBaseColumnType).toBe(4);
  });
});
