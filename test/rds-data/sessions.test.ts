import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sessions } from '../../local/rds-data/sessions.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sessions: Sessions;

beforeAll(async () => {
  database = await createDatabase();
  sessions = new Sessions(() => database.url);
});
afterAll(async () => {
  await sessions?.close();
  await database?.drop();
});

it('whoever calls at once after another gets its session, reset, not a new connection', async () => {
  const first = await sessions.acquire('one');
  await first.query(`set search_path = 'elsewhere'`);
  void first.release();
  const second = await sessions.acquire('one');
  expect(second.pid).toBe(first.pid);
  expect(await second.query('show search_path')).toEqual([{ search_path: '"$user", public' }]);
  await second.release();
});

it('a session is for one caller at a time, however many wait for a reset', async () => {
  const first = await sessions.acquire('one');
  void first.release();
  const held = await Promise.all(Array.from({ length: 5 }, () => sessions.acquire('one')));
  expect(new Set(held.map(({ pid }) => pid)).size).toBe(5);
  await Promise.all(held.map((session) => session.release()));
});

it('a session whose connection is lost in its reset gives way to a new one', async () => {
  const first = await sessions.acquire('one');
  await database.query('select pg_terminate_backend($1)', [first.pid]);
  void first.release();
  const second = await sessions.acquire('one');
  expect(second.pid).not.toBe(first.pid);
  expect(await second.query('select 1 as one')).toEqual([{ one: 1 }]);
  await second.release();
});
