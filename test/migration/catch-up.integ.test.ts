import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { compileCopy } from '../../lambdas/migration/compile/copy.ts';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import { emptyLegacy, emptyVideoPlatform } from '../support/database-content.ts';
import {
  insertCreator,
  insertLegacy,
  legacyApplication,
  legacyBusinessProfile,
  legacyCampaign,
  legacyProfile,
  legacySave,
  legacyUser,
} from '../support/legacy-rows.ts';
import { hold } from '../support/locks.ts';
import { copyAll, migrate, open, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

const legacy = (sql: string, values: readonly unknown[] = []) => database.query(sql, values);
const rows = <T extends Record<string, unknown>>(sql: string) => database.query<T>(sql);
const ids = async (table: string) => (await rows<{ id: string }>(`select id from video_platform.${table} order by id`)).map(({ id }) => id);
const quarantine = () =>
  rows('select entity_type, legacy_id, reason, column_name, value from video_platform.quarantine order by entity_type, legacy_id');
const handles = async () =>
  Object.fromEntries(
    (await rows<{ user_id: string; handle: string }>('select user_id, handle from video_platform.channels')).map((row) => [
      row.user_id,
      row.handle,
    ]),
  );

/** A business with a channel, settings and a campaign, and a creator who applied to it and saved it: a row of every entity. */
async function sample(): Promise<void> {
  await insertCreator(database, { id: 'biz', type: 'BUSINESS', name: '사장' });
  await insertCreator(database, { id: 'fan', name: '팬' });
  await insertLegacy(database, 'business_profiles', [legacyBusinessProfile('biz', { id: 'bp' })]);
  await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'cam', view_count: 3 })]);
  await insertLegacy(database, 'campaign_applications', [legacyApplication('cam', 'fan', { id: 'app' })]);
  await insertLegacy(database, 'saved_campaigns', [legacySave('fan', 'cam', { id: 'save' })]);
}

/** Catches up until the log is empty, then checks what must hold at rest. */
async function settle(): Promise<void> {
  await catchUpNow(database);
  await expectConsistent(database);
}

describe('a legacy update', () => {
  beforeEach(async () => {
    await sample();
    await migrate(database.db);
    await expectConsistent(database);
  });

  it.each([
    [
      `update public.users set name = '바뀐 팬', status = 'DORMANT' where id = 'fan'`,
      `select name as v from video_platform.users where id = 'fan'`,
      '바뀐 팬',
    ],
    [
      `update public.profiles set bio = '소개' where user_id = 'fan'`,
      `select description as v from video_platform.channels where user_id = 'fan'`,
      '소개',
    ],
    [
      `update public.profiles set name = 'Star Fan' where user_id = 'fan'`,
      `select handle as v from video_platform.channels where user_id = 'fan'`,
      'starfan',
    ],
    [`update public.business_profiles set website = 'w'`, `select website as v from video_platform.channel_settings`, 'w'],
    [`update public.campaigns set view_count = 9`, `select views::int as v from video_platform.video_analytics`, 9],
    [`update public.campaigns set hashtags = '#a,b'`, `select tags as v from video_platform.videos`, ['a', 'b']],
    [`update public.campaign_applications set status = 'APPROVED'`, `select status as v from video_platform.video_submissions`, 'APPROVED'],
    [`update public.saved_campaigns set user_id = 'biz'`, `select user_id as v from video_platform.watch_later`, 'biz'],
    [
      `update public.campaigns set business_id = 'fan'`,
      `select c.user_id as v from video_platform.videos v join video_platform.channels c on c.id = v.channel_id`,
      'fan',
    ],
  ])('reaches the target: %s', async (change, look, value) => {
    await legacy(change);
    await settle();
    expect(await rows(look)).toEqual([{ v: value }]);
  });

  it('of a key moves the row, and those that refer to it', async () => {
    await legacy(`update public.saved_campaigns set id = 'saved-anew'`);
    await settle();
    expect(await ids('watch_later')).toEqual([]);
    await migrate(database.db);
    await expectConsistent(database);
    expect(await ids('watch_later')).toEqual(['saved-anew']);
  });

  it('to what cannot be projected takes the row and all that refers to it off, and the way back brings them again', async () => {
    await legacy(`update public.campaigns set status = 'SOLD' where id = 'cam'`);
    await settle();
    expect(await ids('videos')).toEqual([]);
    expect(await quarantine()).toMatchObject([
      { entity_type: 'video', legacy_id: 'cam', reason: 'UNKNOWN_VALUE', column_name: 'status', value: 'SOLD' },
      { entity_type: 'video_analytics', reason: 'MISSING_REFERENCE' },
      { entity_type: 'video_submission', reason: 'MISSING_REFERENCE', column_name: 'campaign_id', value: 'cam' },
      { entity_type: 'watch_later', reason: 'MISSING_REFERENCE' },
    ]);
    await legacy(`update public.campaigns set status = 'PAUSED' where id = 'cam'`);
    await settle();
    expect(await quarantine()).toEqual([]);
    expect(await ids('video_submissions')).toEqual(['app']);
  });

  it('of a type that ends a channel takes its videos along', async () => {
    await legacy(`update public.users set type = 'ADMIN' where id = 'biz'`);
    await settle();
    expect(await rows('select user_id from video_platform.channels')).toEqual([{ user_id: 'fan' }]);
    expect(await quarantine()).toHaveLength(5);
    await legacy(`update public.users set type = 'BUSINESS' where id = 'biz'`);
    await settle();
    await migrate(database.db);
    await expectConsistent(database);
    expect(await quarantine()).toEqual([]);
    expect(await ids('videos')).toEqual(['cam']);
  });

  it('uses none of the quota', async () => {
    const quota = () => rows('select run_date, completed from video_platform.migration_quota');
    const before = await quota();
    await legacy(`update public.users set name = '또 바뀜'`);
    expect(await catchUpNow(database)).toMatchObject({ applied: 4, more: false });
    expect(await quota()).toEqual(before);
  });
});

describe('a legacy delete', () => {
  beforeEach(async () => {
    await sample();
    await migrate(database.db);
  });

  it('of a user takes the channel, videos, submissions and saves along, and nothing else', async () => {
    await legacy(`delete from public.users where id = 'biz'`);
    await settle();
    expect(await ids('users')).toEqual(['fan']);
    expect(await ids('videos')).toEqual([]);
    expect(await ids('video_submissions')).toEqual([]);
    expect(await ids('watch_later')).toEqual([]);
    expect(await quarantine()).toMatchObject([
      { entity_type: 'video', legacy_id: 'cam', column_name: 'business_id', value: 'biz' },
      { entity_type: 'video_analytics' },
      { entity_type: 'video_submission' },
      { entity_type: 'watch_later' },
    ]);
  });

  it.each(['campaigns', 'campaign_applications', 'saved_campaigns', 'business_profiles', 'profiles', 'users'])(
    'of every row of %s, by delete and by truncate, is followed and stays',
    async (table) => {
      await legacy(`delete from public.${table}`);
      await settle();
      await migrate(database.db);
      await expectConsistent(database);
      await emptyLegacy(database);
      await emptyVideoPlatform(database);
      await sample();
      await migrate(database.db);
      await legacy(`truncate public.${table} cascade`);
      await settle();
      expect(await rows(`select count(*)::int as n from public.${table}`)).toEqual([{ n: 0 }]);
    },
  );

  it('and an insert of the same key brings the row back as it is now', async () => {
    await legacy(`delete from public.campaigns`);
    await settle();
    await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'cam', title: '다시' })]);
    await settle();
    await migrate(database.db);
    await expectConsistent(database);
    expect(await rows('select title from video_platform.videos')).toEqual([{ title: '다시' }]);
    await legacy(`delete from public.campaigns`);
    await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'cam', title: '한 번 더' })]);
    await settle();
    expect(await rows('select title from video_platform.videos')).toEqual([{ title: '한 번 더' }]);
  });

  it('of thousands of users with rows that refer to them stays within the limits of a result', async () => {
    await legacy(
      `insert into public.users (id, email, name, type) select 'bulk' || lpad(n::text, 26, '0'), n || '@bulk', 'bulk', 'BUSINESS' from generate_series(1, 2500) n`,
    );
    await legacy(`insert into public.profiles (id, user_id) select id, id from public.users where id like 'bulk%'`);
    await legacy(
      `insert into public.campaigns (id, business_id, title, status) select 'many' || lpad(n::text, 26, '0'), 'bulk' || lpad('1', 26, '0'), 't', 'ACTIVE' from generate_series(1, 12000) n`,
    );
    await migrate(database.db, { batchRows: 20_000 });
    expect(await rows('select count(*)::int as n from video_platform.videos')).toEqual([{ n: 12_001 }]);
    await legacy(`delete from public.users where id like 'bulk%'`);
    await settle();
    expect(await ids('users')).toEqual(['biz', 'fan']);
    expect(await ids('videos')).toEqual(['cam']);
  }, 120_000);
});

describe('a handle', () => {
  it('goes to the next in line when the earliest gives it up, and back when it is asked for again', async () => {
    await insertCreator(database, { id: 'u1', name: '루나', created_at: '2023-01-01' });
    await insertCreator(database, { id: 'u2', name: '루나', created_at: '2024-01-01' });
    await insertCreator(database, { id: 'u3', name: '루나', created_at: '2025-01-01' });
    await migrate(database.db);
    const suffixed = (await handles()).u2;
    await legacy(`update public.users set name = '다른 이름' where id = 'u1'`);
    await settle();
    expect(await handles()).toMatchObject({ u1: '다른이름', u2: '루나', u3: expect.stringMatching(/^루나-/) });
    await legacy(`update public.users set name = '루나' where id = 'u1'`);
    await settle();
    expect(await handles()).toMatchObject({ u1: '루나', u2: suffixed });
    await legacy(`delete from public.users where id in ('u1', 'u2')`);
    await settle();
    expect(await handles()).toEqual({ u3: '루나' });
  });

  it('is swapped by two users, or passed on in a circle, within one batch', async () => {
    for (const [id, name] of Object.entries({ u1: '가', u2: '나', u3: '다' })) await insertCreator(database, { id, name });
    await migrate(database.db);
    await legacy(`update public.users set name = case name when '가' then '나' when '나' then '다' else '가' end`);
    await settle();
    expect(await handles()).toEqual({ u1: '나', u2: '다', u3: '가' });
  });

  it('is taken by a user who appears with an earlier date', async () => {
    await insertCreator(database, { id: 'late', name: '별', created_at: '2024-01-01' });
    await migrate(database.db);
    await insertCreator(database, { id: 'early', name: '별', created_at: '2023-01-01' });
    await settle();
    await migrate(database.db);
    await expectConsistent(database);
    expect(await handles()).toEqual({ early: '별', late: expect.stringMatching(/^별-/) });
  });

  it('is taken by a user who appears with an earlier date, also when a run opens before catch-up sees the change', async () => {
    await insertCreator(database, { id: 'late', name: '별', created_at: '2024-01-01' });
    await migrate(database.db);
    await insertCreator(database, { id: 'early', name: '별', created_at: '2023-01-01' });
    await open(database.db);
    await settle();
    await migrate(database.db);
    await expectConsistent(database);
    expect(await handles()).toEqual({ early: '별', late: expect.stringMatching(/^별-/) });
  });

  it('is given anew to a row whose copy was under way when the earlier owner gave it up', async () => {
    await insertCreator(database, { id: 'a', name: '달', created_at: '2023-01-01' });
    await migrate(database.db);
    await insertCreator(database, { id: 'b', name: '달', created_at: '2024-01-01' });
    const { runId } = await open(database.db);
    await copyInFlight(runId, 'user', async () => {});
    await copyInFlight(runId, 'channel', async () => {
      await legacy(`update public.users set name = '해' where id = 'a'`);
      await catchUpNow(database);
    });
    await settle();
    expect(await handles()).toEqual({ a: '해', b: '달' });
  });

  it('is given to a row whose copy began before the batch that takes it from the earlier owner committed', async () => {
    await insertCreator(database, { id: 'a', name: '달', created_at: '2023-01-01' });
    await migrate(database.db);
    await insertCreator(database, { id: 'b', name: '달', created_at: '2024-01-01' });
    const { runId } = await open(database.db);
    await copyInFlight(runId, 'user', async () => {});
    await legacy(`update public.users set name = '해' where id = 'a'`);
    let copies = 0;
    const db = through(database.db, async (sql, _parameters, pass) => {
      const answer = await pass();
      if (sql.startsWith('-- apply channel') && copies++ === 0) await copyInFlight(runId, 'channel', async () => {});
      return answer;
    });
    await catchUpNow({ db });
    expect(copies).toBeGreaterThan(0);
    await settle();
    expect(await handles()).toEqual({ a: '해', b: '달' });
  });

  it('is passed on also when the answer to what was found out about it is lost and the call sent again', async () => {
    await insertCreator(database, { id: 'a', name: '달', created_at: '2023-01-01' });
    await insertCreator(database, { id: 'b', name: '달', created_at: '2024-01-01' });
    await migrate(database.db);
    await legacy(`update public.users set name = '해' where id = 'a'`);
    const db = through(database.db, async (sql, _parameters, pass) => {
      if (sql.includes('channel_handle_request')) await pass();
      return pass();
    });
    await catchUpNow({ db });
    await settle();
    expect(await handles()).toEqual({ a: '해', b: '달' });
  });
});

describe('a call whose answer is lost and which is sent again', () => {
  it.each([/^-- queue changes/, /^-- oldest changes/, /^-- apply /, /^with due as/])('loses no change: %s', async (statement) => {
    await sample();
    await migrate(database.db);
    await legacy(`update public.users set name = '바뀐 이름' where id = 'fan'`);
    await legacy(`update public.campaigns set title = '바뀐 제목' where id = 'cam'`);
    await legacy(`delete from public.campaign_applications where id = 'app'`);
    let repeated = 0;
    const db = through(database.db, async (sql, _parameters, pass) => {
      if (statement.test(sql)) {
        await pass();
        repeated += 1;
      }
      return pass();
    });
    await catchUpNow({ db });
    expect(repeated).toBeGreaterThan(0);
    expect(await rows('select name from video_platform.users where id = $$fan$$')).toEqual([{ name: '바뀐 이름' }]);
    expect(await rows('select title from video_platform.videos where id = $$cam$$')).toEqual([{ title: '바뀐 제목' }]);
    expect(await ids('video_submissions')).toEqual([]);
    await expectConsistent(database);
  });
});

describe('a row that catch-up refuses for want of one that the same run copies', () => {
  it('is tried again by that run, also when none of its kind was to be copied', async () => {
    await sample();
    await migrate(database.db);
    await insertCreator(database, { id: 'other' });
    const opened = await open(database.db);
    await legacy(`update public.campaigns set business_id = 'ghost' where id = 'cam'`);
    await catchUp({ runId: opened.runId }, { db: database.db, settings: testSettings(), timeLeftMs });
    expect(await quarantine()).toMatchObject([{ entity_type: 'video', reason: 'MISSING_REFERENCE' }, {}, {}, {}]);
    await insertCreator(database, { id: 'ghost', name: '유령' });
    await copyAll(database.db, opened);
    expect(await quarantine()).toEqual([]);
    expect(await rows(`select c.user_id from video_platform.videos v join video_platform.channels c on c.id = v.channel_id`)).toEqual([
      { user_id: 'ghost' },
    ]);
    await settle();
  });
});

describe('values that are unique', () => {
  it('are swapped by their owners: e-mail addresses, applications', async () => {
    await sample();
    await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'cam2' })]);
    await insertLegacy(database, 'campaign_applications', [legacyApplication('cam2', 'fan', { id: 'app2' })]);
    await migrate(database.db);
    await legacy(`update public.users set email = 'tmp' where id = 'fan'`);
    await legacy(`update public.users set email = (select f.email from video_platform.users f where f.id = 'fan') where id = 'biz'`);
    await legacy(`update public.users set email = (select f.email from video_platform.users f where f.id = 'biz') where id = 'fan'`);
    await legacy(`update public.campaign_applications set campaign_id = 'tmp' where false`);
    await legacy(`delete from public.campaign_applications where id = 'app'`);
    await legacy(`update public.campaign_applications set campaign_id = 'cam' where id = 'app2'`);
    await insertLegacy(database, 'campaign_applications', [legacyApplication('cam2', 'fan', { id: 'app' })]);
    await settle();
    expect(await quarantine()).toEqual([]);
    expect(await rows('select id, video_id from video_platform.video_submissions order by id')).toEqual([
      { id: 'app', video_id: 'cam2' },
      { id: 'app2', video_id: 'cam' },
    ]);
  });
});

describe('a quarantined row', () => {
  it('is released when its source changes, and when what it refers to appears', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'odd', type: 'AGENCY' }), legacyUser({ id: 'biz', type: 'BUSINESS' })]);
    await insertLegacy(database, 'profiles', [legacyProfile('odd')]);
    await insertLegacy(database, 'campaigns', [legacyCampaign('odd', { id: 'c1' }), legacyCampaign('biz', { id: 'c2' })]);
    await migrate(database.db);
    expect(await quarantine()).toHaveLength(5);
    await legacy(`update public.users set type = 'BUSINESS' where id = 'odd'`);
    await insertLegacy(database, 'profiles', [legacyProfile('biz')]);
    await settle();
    expect(await ids('users')).toEqual(['biz', 'odd']);
    await migrate(database.db);
    await expectConsistent(database);
    expect(await quarantine()).toEqual([]);
    expect(await ids('videos')).toEqual(['c1', 'c2']);
  });

  it('is served as it was when the database refuses its change, and holds up no other', async () => {
    await insertLegacy(
      database,
      'users',
      Array.from({ length: 6 }, (_, index) => legacyUser({ id: `u${index}` })),
    );
    await migrate(database.db);
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('t', 'taken@x', '선점', 'ADMIN', 'videopick')`,
    );
    await legacy(`update public.users set status = 'DORMANT', email = case id when 'u3' then 'taken@x' else email end`);
    await settle();
    expect(await quarantine()).toMatchObject([{ entity_type: 'user', legacy_id: 'u3', reason: 'CONSTRAINT' }]);
    expect(await rows(`select count(*)::int as n from video_platform.users where status = 'DORMANT'`)).toEqual([{ n: 5 }]);
    await migrate(database.db);
    expect(await rows('select name, value, expected from video_platform.verification_check where not passed')).toEqual([]);
    await legacy(`update public.users set email = 'free@x' where id = 'u3'`);
    await settle();
    expect(await quarantine()).toEqual([]);
  });
});

/** Runs `meanwhile` after a batch of the entity was copied and before it is committed. */
async function copyInFlight(runId: string, entity: string, meanwhile: () => Promise<void>): Promise<void> {
  const copy = compileCopy(entityNamed(entity), { bounded: false, occupied: false });
  await database.db.transaction(async (query) => {
    await query(copy, { run: runId, batch: randomUUID(), range: 0, limit: 100, aside: 100, only: null });
    await query('select 1'); // as at its commit: the snapshot is given up, the transaction is still under way
    await meanwhile();
  });
}

describe('a change while a batch is being copied', () => {
  it.each([
    ['update', `update public.users set name = '나중' where id = 'u'`],
    ['delete', `delete from public.users where id = 'u'`],
  ])('is not lost: %s', async (_kind, change) => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'u', name: '먼저', type: 'ADMIN' }), legacyUser({ type: 'ADMIN' })]);
    const { runId } = await open(database.db);
    await copyInFlight(runId, 'user', async () => {
      await legacy(change);
      await catchUpNow(database);
      await catchUpNow(database);
    });
    await settle();
  });

  it('sets the refused row aside, not the one whose batch is under way', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'known', type: 'ADMIN' })]);
    await migrate(database.db);
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('t', 'taken@x', '선점', 'ADMIN', 'videopick')`,
    );
    await insertLegacy(database, 'users', [legacyUser({ id: 'pending', type: 'ADMIN' })]);
    const { runId } = await open(database.db);
    await copyInFlight(runId, 'user', async () => {
      await legacy(`update public.users set name = '새' where id = 'pending'`);
      await legacy(`update public.users set email = 'taken@x' where id = 'known'`);
      await catchUpNow(database);
    });
    expect(await quarantine()).toMatchObject([{ legacy_id: 'known' }]);
    await settle();
    expect(await rows(`select name from video_platform.users where id = 'pending'`)).toEqual([{ name: '새' }]);
  });
});

describe('the order of commits', () => {
  it('does not matter: the change recorded first may commit last', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'u1', type: 'ADMIN' }), legacyUser({ id: 'u2', type: 'ADMIN' })]);
    await migrate(database.db);
    const slow = await hold(database, `update public.users set name = '늦은 커밋' where id = 'u1'`);
    await legacy(`update public.users set name = '빠른 커밋' where id = 'u2'`);
    await catchUpNow(database);
    await slow.release();
    await settle();
    expect(await rows('select name from video_platform.users order by id')).toEqual([{ name: '늦은 커밋' }, { name: '빠른 커밋' }]);
  });

  it('nor do several who catch up at once', async () => {
    await sample();
    await migrate(database.db);
    for (let round = 0; round < 5; round++) {
      await legacy(`update public.users set name = name || $1`, [String(round)]);
      await legacy(`update public.campaigns set view_count = view_count + 1`);
      await Promise.all([
        catchUpNow(database),
        catchUpNow(database),
        legacy(`update public.users set status = $1`, [`S${round}`]),
        catchUpNow(database),
      ]);
    }
    await settle();
  });

  it('ends although writers never rest', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'u', type: 'ADMIN' })]);
    await migrate(database.db);
    let writing = true;
    const writers = (async () => {
      while (writing) await legacy(`update public.users set updated_at = now() where id = 'u'`);
    })();
    const ended = await Promise.race([catchUpNow(database), new Promise((resolve) => setTimeout(resolve, 5_000, 'still at work'))]);
    writing = false;
    await writers;
    expect(ended).toMatchObject({ more: false });
    await settle();
  });
});
