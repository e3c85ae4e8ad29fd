import { expect, it } from 'vitest';
import { holdLock } from '../support/locks.ts';
import { dumpDatabase, linkpick } from './dump-database.ts';

const { load, query, database } = dumpDatabase();

it.each([
  ['takes a definition of the dump', linkpick, 'create table public.users'],
  [
    'adds a primary key that the dump left out',
    linkpick.replace(/varchar\(30\) {2}primary key/g, 'varchar(30)').replace(/ references public\.\w+ \(id\) on delete cascade/g, ''),
    'add primary key',
  ],
  [
    'gives a key the order of the database',
    linkpick.replace(/^(\s+id\s+varchar\(30\))/gm, '$1 collate pg_catalog."ko-x-icu"'),
    'collate pg_catalog."default"',
  ],
])('a server that stops while it %s is not told as a wrong dump', async (_, dump, statement) => {
  expect(dump.includes('primary key')).toBe(statement !== 'add primary key');
  const lock = await holdLock(database());
  await query(`
    create function wait_at() returns event_trigger language plpgsql as $$
      begin if position('${statement}' in current_query()) > 0 then perform ${lock.taken}; end if; end $$;
    create event trigger wait_at on ddl_command_start execute function wait_at()`);
  const loading = load(dump).catch((error: unknown) => error);
  await lock.awaited();
  await query(`select pg_terminate_backend(${(await lock.waiting())[0]})`);
  expect(await loading).toMatchObject({
    name: 'LoadFailedError',
    exitCode: 1,
    message: expect.stringMatching(/PostgreSQL failed: terminating connection due to administrator command.*\. Nothing was changed/),
  });
});
