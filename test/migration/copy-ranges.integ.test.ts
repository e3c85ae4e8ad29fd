import { describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import { FingerprintMismatchError } from '../../lambdas/migration/errors.ts';
import { retryQuarantine } from '../../lambdas/migration/retry-quarantine.ts';
import { insertLegacy, legacyUser } from '../support/legacy-rows.ts';
import { copying, migrate, open, type RunOptions, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through, timedOut } from '../support/through.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

const rows = (sql: string) => database.query(sql);
const users = (count: number) =>
  rows(
    `insert into public.users (id, email, name, type) select 'u' || lpad(n::text, 5, '0'), n || '@x', '이름', 'ADMIN' from generate_series(1, ${count}) n`,
  );
const copied = async () => (await rows('select count(*)::int as n from video_platform.users'))[0]?.n;

/** Opens a run and copies users with the client; `cut` gives the last keys of ranges but the last. */
async function copyUsers({ cut = [], db = database.db, ...options }: RunOptions & { cut?: readonly string[]; db?: DataApi } = {}) {
  const { runId, runDate, remaining } = await open(database.db, options);
  if (cut.length > 0) {
    await rows(`delete from video_platform.migration_cursor where entity_type = 'user'`);
    for (const [index, upto] of [...cut, null].entries()) {
      await database.query(
        `insert into video_platform.migration_cursor (entity_type, range_no, last_key, upto_key) values ('user', $1, $2, $3)`,
        [index, cut[index - 1] ?? '', upto],
      );
    }
  }
  return copyEntity({ runId, runDate, remaining, entities: ['user'] }, copying(db, options));
}

const fault = (name: string, message = name) => Object.assign(new Error(message), { name });

describe('key ranges', () => {
  it('copied side by side give every row once, those on an edge too', async () => {
    await users(300);
    await copyUsers({ cut: ['u00050', 'u00050x', 'u00199'], batchRows: 7 });
    expect(await copied()).toBe(300);
    expect(await rows(`select sum(completed)::int as n from video_platform.migration_run_entity`)).toEqual([{ n: 300 }]);
    expect(await rows(`select range_no from video_platform.migration_cursor where entity_type = 'user' and not exhausted`)).toEqual([]);
  });

  it('use the quota exactly, whoever comes first', async () => {
    await users(300);
    expect((await copyUsers({ cut: ['u00100', 'u00200'], batchRows: 8, dailyLimit: 101 })).remaining).toBe(0);
    expect(await copied()).toBe(101);
    expect((await copyUsers({ batchRows: 8, dailyLimit: 50, runDate: '2026-11-24' })).remaining).toBe(0);
    expect(await copied()).toBe(151);
    await migrate(database.db, { runDate: '2026-11-25' });
    expect(await copied()).toBe(300);
    await catchUpNow(database);
    await expectConsistent(database);
  });

  it('are cut where there are many rows, about evenly, the last open at its end', async () => {
    await users(99_999);
    await rows(`insert into public.users (id, email, name, type) values ('v', 'v@x', 'v', 'ADMIN')`);
    await open(database.db);
    expect(
      await rows(`select range_no, last_key, upto_key from video_platform.migration_cursor where entity_type = 'user' order by 1`),
    ).toEqual([
      { range_no: 0, last_key: '', upto_key: 'u50000' },
      { range_no: 1, last_key: 'u50000', upto_key: null },
    ]);
  });

  it('are cut anew when rows appear behind the end of one, while another is open with no row of its own ahead', async () => {
    await users(100);
    await migrate(database.db);
    await rows(`delete from video_platform.migration_cursor where entity_type = 'user'`);
    // The quota ended on the last row of the first range; the second came to its end.
    await rows(`insert into video_platform.migration_cursor (entity_type, range_no, last_key, upto_key, exhausted)
      values ('user', 0, 'u00050', 'u00050', false), ('user', 1, 'u00100', null, true)`);
    await insertLegacy(database, 'users', [legacyUser({ id: 'u00060x', type: 'ADMIN' })]);
    await migrate(database.db, { runDate: '2026-11-24' });
    expect(await copied()).toBe(101);
  });
});

describe('a batch', () => {
  it('whose answer is lost is read back, not copied again', async () => {
    await users(30);
    let copies = 0;
    const db = through(database.db, async (sql, _parameters, pass) => {
      const answer = await pass();
      if (sql.startsWith('-- copy') && ++copies % 2 === 1) throw fault('TimeoutError', 'socket hang up');
      return answer;
    });
    await copyUsers({ db, batchRows: 10 });
    expect(copies).toBe(4); // 3 of ten rows, one that finds the end
    expect(await copied()).toBe(30);
    expect(await rows('select completed::int from video_platform.migration_quota')).toEqual([{ completed: 30 }]);
  });

  it('that never arrived fails the step, and the next attempt copies it', async () => {
    await users(10);
    let lost = false;
    const db = through(database.db, async (sql, _parameters, pass) => {
      if (!lost && sql.startsWith('-- copy')) {
        lost = true;
        throw fault('TimeoutError', 'never sent');
      }
      return pass();
    });
    await expect(copyUsers({ db })).rejects.toThrow('never sent');
    expect(await copied()).toBe(0);
    await migrate(database.db);
    expect(await copied()).toBe(10);
  });

  it.each([
    ['are changed', `new.name := upper(new.name || 'x'); return new;`],
    ['are left out', `if new.id = 'u00001' then return null; end if; return new;`],
    ['are all left out', 'return null;'],
  ])('is undone when rows %s as they are stored, and ends the run', async (_what, meddling) => {
    await users(10);
    await rows(`create function video_platform.meddle() returns trigger language plpgsql as $$ begin ${meddling} end $$`);
    await rows(`create trigger meddle before insert on video_platform.users for each row execute function video_platform.meddle()`);
    try {
      await expect(copyUsers()).rejects.toBeInstanceOf(FingerprintMismatchError);
      for (const table of ['users', 'migration_status', 'migration_batch']) {
        expect(await rows(`select * from video_platform.${table}`), table).toEqual([]);
      }
      expect(await rows('select completed::int from video_platform.migration_quota')).toEqual([{ completed: 0 }]);
    } finally {
      await rows('drop function video_platform.meddle() cascade');
    }
    await migrate(database.db, { runDate: '2026-11-24' });
    expect(await copied()).toBe(10);
  });

  it('looks for rows that are there only once it has met one, and then brings them up to date', async () => {
    await users(20);
    const sent: { readonly looks: boolean; readonly refused: boolean }[] = [];
    const db = through(database.db, async (sql, _parameters, pass) => {
      if (!sql.startsWith('-- copy user')) return pass();
      const looks = /on conflict \(id\)/.test(sql);
      const answer = pass();
      const [{ status }] = await Promise.allSettled([answer]);
      sent.push({ looks, refused: status === 'rejected' });
      return answer;
    });
    await rows(`insert into video_platform.users (id, email, name, user_type) values ('u00007', 'old@x', '옛 이름', 'ADMIN')`);
    await copyUsers({ db, batchRows: 5 });
    expect(sent).toEqual([
      { looks: false, refused: false },
      { looks: false, refused: true },
      ...Array.from({ length: sent.length - 2 }, () => ({ looks: true, refused: false })),
    ]);
    expect(await copied()).toBe(20);
    expect(await rows(`select name, email from video_platform.users where id = 'u00007'`)).toEqual([{ name: '이름', email: '7@x' }]);
    expect(await rows(`select legacy_id from video_platform.quarantine`)).toEqual([]);
  });

  it('passes the rows by that the ledger knows after the cursor, in each range, without meeting one', async () => {
    await users(100);
    await migrate(database.db);
    await rows(`delete from video_platform.migration_status where legacy_id in ('u00001', 'u00060', 'u00100')`);
    await rows(`delete from video_platform.users where id in ('u00001', 'u00060', 'u00100')`);
    await rows(`update video_platform.migration_run set status = 'completed'`);
    const refused: unknown[] = [];
    const db = through(database.db, (_sql, _parameters, pass) =>
      pass().catch((error: unknown) => {
        refused.push(error);
        throw error;
      }),
    );
    await copyUsers({ cut: ['u00050'], batchRows: 7, db });
    expect([await copied(), refused]).toEqual([100, []]);
    await expectConsistent(database);
  });

  it('that meets a row the ledger should have been known to hold asks for each from then on', async () => {
    await users(30);
    await migrate(database.db);
    await rows(`delete from video_platform.migration_status where legacy_id = 'u00020'`);
    await rows(`delete from video_platform.users where id = 'u00020'`);
    await rows(`update video_platform.migration_run set status = 'completed'`);
    let blind = 0;
    const db = through(database.db, (sql, _parameters, pass) => {
      const edited = sql.replace('is not null as known', 'is not null and false as known');
      if (edited !== sql) blind++;
      return pass(edited);
    });
    await copyUsers({ cut: ['u00010'], db });
    expect([await copied(), blind]).toEqual([30, 2]);
    await expectConsistent(database);
  });

  it('that takes too long is tried with fewer rows', async () => {
    await users(40);
    const limits: number[] = [];
    const db = through(database.db, async (sql, { limit }, pass) => {
      if (sql.startsWith('-- copy')) limits.push(Number(limit));
      if (Number(limit) > 9) throw timedOut();
      return pass();
    });
    await copyUsers({ db, batchRows: 40, settings: { maxBatchRows: 40, statementTargetMs: 50 } });
    expect(limits.slice(0, 2)).toEqual([40, 10]);
    expect(await copied()).toBe(40);
  });

  it('is the last one once somebody asks to pause, or to cancel', async () => {
    await users(40);
    for (const request of ['pause', 'cancel']) {
      const before = Number(await copied());
      const db = through(database.db, async (sql, _parameters, pass) => {
        const answer = await pass();
        if (sql.startsWith('-- copy')) await rows(`update video_platform.migration_control set request = '${request}'`);
        return answer;
      });
      const output = await copyUsers({ db, batchRows: 10 });
      expect(output).toMatchObject({ continue: false, pause: { reason: expect.stringContaining(request), value: request } });
      expect(await copied()).toBe(before + 10);
      await rows(`update video_platform.migration_control set request = 'run'`);
    }
    await migrate(database.db);
    expect(await copied()).toBe(40);
  });
});

describe('a budget', () => {
  it('that is passed pauses the run with reason, value and threshold, before the table is burned through', async () => {
    await rows(
      `insert into public.users (id, email, name, type) select 'u' || lpad(n::text, 5, '0'), n || '@x', 'n', 'AGENCY' from generate_series(1, 200) n`,
    );
    const options = { batchRows: 10, settings: { budgets: { UNKNOWN_VALUE: { rows: 25 } } } };
    const output = await copyUsers(options);
    expect(output).toMatchObject({ continue: false, pause: { value: 30, threshold: 25, reason: 'QUARANTINE_BUDGET: user UNKNOWN_VALUE' } });
    expect(Date.parse(output.pause?.since ?? '')).not.toBeNaN();
    expect(await rows('select count(*)::int as n from video_platform.quarantine')).toEqual([{ n: 30 }]);
    await rows(`update public.users set type = 'ADMIN'`);
    await catchUpNow(database);
    expect((await copyUsers({ ...options, runDate: '2026-11-24' })).pause).toBeNull();
    expect(await copied()).toBe(200);
  });

  it('is passed by no more than a first batch a range, also where batches have grown before the fault begins', async () => {
    await rows(
      `insert into public.users (id, email, name, type) select 'u' || lpad(n::text, 5, '0'), n || '@x', 'n', case when n % 6000 < 3000 then 'ADMIN' else 'AGENCY' end
       from generate_series(1, 12000) n`,
    );
    const settings = { budgets: { '*': { rows: 100, percent: 10 } }, maxBatchRows: 5_000, statementTargetMs: 20_000 };
    const batches: number[] = [];
    const db = through(database.db, async (sql, { limit }, pass) => {
      if (sql.startsWith('-- copy')) batches.push(Number(limit));
      return pass();
    });
    const output = await copyUsers({ db, batchRows: 50, settings });
    expect(Math.max(...batches)).toBeGreaterThan(1_000);
    expect(output.pause).toMatchObject({ threshold: 1_200 });
    expect(output.pause?.value).toBeGreaterThan(1_200);
    const [quarantine] = await rows('select count(*)::int as n from video_platform.quarantine');
    expect(quarantine?.n).toBeLessThanOrEqual(1_200 + 2 * 50);
  });
});

describe('the quarantine', () => {
  it('is tried again once a run, counting attempts, and what is released is copied without the quota', async () => {
    await users(3);
    await insertLegacy(database, 'users', [
      legacyUser({ id: 'odd', type: 'AGENCY' }),
      legacyUser({ id: 'taken', email: 't@x' }),
      legacyUser({ id: 'mend', type: '?' }),
    ]);
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('t', 't@x', '선점', 'ADMIN', 'videopick')`,
    );
    const attempts = async () =>
      Object.fromEntries(
        (
          await database.query<{ id: string; n: number }>(
            `select legacy_id as id, (metadata ->> 'attempts')::int as n from video_platform.migration_status where status = 'failed' order by 1`,
          )
        ).map(({ id, n }) => [id, n]),
      );
    await migrate(database.db);
    expect(await attempts()).toEqual({ mend: 1, odd: 1, taken: 1 });
    const { runId } = await open(database.db);
    const retrying = { db: database.db, settings: testSettings(), timeLeftMs };
    for (let again = 0; again < 3; again++) await retryQuarantine(entityNamed('user'), runId, retrying);
    expect(await attempts()).toEqual({ mend: 2, odd: 2, taken: 2 });
    await rows(`update public.users set type = 'ADMIN' where id = 'mend'`);
    await rows('truncate video_platform.change_log, video_platform.change_queue'); // not even capture knows
    await migrate(database.db, { runDate: '2026-11-24', dailyLimit: 1 });
    expect(await attempts()).toEqual({ odd: 3, taken: 3 });
    expect(await rows(`select completed::int from video_platform.migration_quota where run_date = '2026-11-24'`)).toEqual([
      { completed: 0 },
    ]);
    await expectConsistent(database);
  });
});
