import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { insertCreator, insertLegacy, legacyCampaign } from '../support/legacy-rows.ts';
import { migrate, open, timeLeftMs } from '../support/migration.ts';
import {
  createMigrationDatabase,
  deploySchema,
  linkpickSql,
  type MigrationDatabase,
  type MigrationDatabaseOptions,
  migrationFiles,
  useMigrationDatabase,
} from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

async function migrateAll(of = database): Promise<void> {
  await migrate(of.db);
  await catchUpNow(of);
  await expectConsistent(of);
}

const channels = ({ query } = database) =>
  query<{ user_id: string; name: string; handle: string }>('select user_id, name, handle from video_platform.channels order by user_id');
const suffixed = (handle: string, id: string) => `${handle}-${createHash('md5').update(id).digest('hex').slice(0, 12)}`;

describe('names, handles and tags', () => {
  const INVISIBLE = [
    '\u2003',
    '\u200b',
    '\ufeff',
    '\u0085',
    '\u1680',
    '\u3164',
    '\u2060',
    '\u200d',
    '\u00ad',
    '\u0007',
    '\u2800',
    ' \u3000\u00a0\t',
  ];

  it.each(
    INVISIBLE.map((blank) => [
      JSON.stringify(blank).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
      blank,
    ]),
  )('a profile named with nothing but %s has no name: the user gives it', async (_, blank) => {
    await insertCreator(database, { id: 'u', name: '실명 하나' }, { name: blank });
    await migrateAll();
    expect(await channels()).toEqual([{ user_id: 'u', name: '실명 하나', handle: '실명하나' }]);
  });

  it('names lose white space at their ends, handles all that cannot be seen: so two that look alike ask for one handle', async () => {
    await insertCreator(database, { id: 'a', created_at: '2024-01-01' }, { name: '김\u00a0민준' });
    await insertCreator(database, { id: 'b', created_at: '2024-01-02' }, { name: '\u202e\u200b김\u200d 민\u3164준\u2003' });
    await insertCreator(database, { id: 'c', name: '\u200b' });
    await migrateAll();
    expect(await channels()).toEqual([
      { user_id: 'a', name: '김\u00a0민준', handle: '김민준' },
      { user_id: 'b', name: '\u202e\u200b김\u200d 민\u3164준\u2003', handle: suffixed('김민준', 'b') },
      { user_id: 'c', name: '\u200b', handle: 'c' },
    ]);
  });

  it('an emoji keeps its look at the end of a name and of a tag', async () => {
    const owner = await insertCreator(database, {}, { name: ' 별❤\ufe0f ' });
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { hashtags: '❤\ufe0f,\u200b맛집' })]);
    await migrateAll();
    expect(await channels()).toMatchObject([{ name: '별❤\ufe0f' }]);
    expect(await database.query('select tags from video_platform.videos')).toEqual([{ tags: ['❤\ufe0f', '맛집'] }]);
  });

  it('tags that differ in what cannot be seen are one, and one of nothing else is none', async () => {
    const owner = await insertCreator(database);
    const many = Array.from({ length: 40 }, (_, index) => `\u2060t${index % 3}\ufeff`).join();
    await insertLegacy(database, 'campaigns', [
      legacyCampaign(owner, { id: 'c1', hashtags: '\u2003뷰티,뷰티,\u200b,\u3164,\u00a0\u3000,#\u200d#여 행\u00ad' }),
      legacyCampaign(owner, { id: 'c2', hashtags: many }),
      legacyCampaign(owner, { id: 'c3', hashtags: ' 뷰티 ,뷰티,, # 맛집' }),
      legacyCampaign(owner, { id: 'c4', hashtags: null }),
    ]);
    await migrateAll();
    expect(await database.query('select id, tags from video_platform.videos order by id')).toEqual([
      { id: 'c1', tags: ['뷰티', '여 행'] },
      { id: 'c2', tags: ['t0', 't1', 't2'] },
      { id: 'c3', tags: ['뷰티', '맛집'] },
      { id: 'c4', tags: [] },
    ]);
  });
});

interface Made extends Pick<MigrationDatabaseOptions, 'files' | 'locale'> {
  /** Further SQL behind linkpick.sql. */
  readonly alter?: string;
}

/** A database of its own, whose tables of LinkPick are made otherwise. */
async function withDatabase({ alter = '', ...options }: Made, work: (made: MigrationDatabase) => Promise<void>): Promise<void> {
  const made = await createMigrationDatabase({ legacy: ({ query }) => query(`${linkpickSql};${alter}`), ...options });
  try {
    await work(made);
  } finally {
    await made.close();
  }
}

describe('who gets the plain handle', () => {
  it('the earliest, within one millisecond too', () =>
    withDatabase({ alter: 'alter table public.users alter column created_at type timestamp' }, async (made) => {
      await insertCreator(made, { id: 'z1', name: '같은 이름', created_at: '2024-01-01 00:00:00.000100' });
      await insertCreator(made, { id: 'a1', name: '같은이름', created_at: '2024-01-01 00:00:00.000200' });
      await insertCreator(made, { id: 'end', name: '끝', created_at: '294276-12-31 23:59:59.999999' });
      await migrateAll(made);
      expect(await channels(made)).toMatchObject([
        { handle: suffixed('같은이름', 'a1') },
        { handle: '끝' },
        { user_id: 'z1', handle: '같은이름' },
      ]);
      expect(await made.query(`select created_at::text from video_platform.channel_handle_request where legacy_id = 'end'`)).toEqual([
        { created_at: '294276-12-31 23:59:59.999999' },
      ]);
    }));

  it('a name of 120 characters keeps its handle, whatever longer name begins with it', () =>
    withDatabase({ alter: 'alter table public.profiles alter column name type text' }, async (made) => {
      await insertCreator(made, { id: 'a', created_at: '2024-01-01' }, { name: '가'.repeat(300) });
      await insertCreator(made, { id: 'b', created_at: '2024-01-02' }, { name: '가'.repeat(120) });
      await insertCreator(made, { id: 'c', created_at: '2024-01-01' }, { name: `${'가'.repeat(120)}\u200b\u200b` });
      await migrateAll(made);
      expect(await channels(made)).toMatchObject([{ user_id: 'b', handle: '가'.repeat(120) }]);
      expect(await made.query('select legacy_id, reason from video_platform.quarantine order by 1')).toEqual([
        { legacy_id: 'a', reason: 'TOO_LONG' },
        { legacy_id: 'c', reason: 'TOO_LONG' },
      ]);
    }));

  it('names that fit, and outgrow a handle in lower case, have their ids instead', () =>
    withDatabase({ locale: "locale_provider icu icu_locale 'und'" }, async (made) => {
      for (const id of ['i1', 'I2']) await insertCreator(made, { id, name: 'İ'.repeat(120) });
      await migrateAll(made);
      expect(await made.query(`select char_length(lower('İ')) as characters`)).toEqual([{ characters: 2 }]);
      expect(await channels(made)).toMatchObject([{ handle: 'i1' }, { handle: 'I2' }]);
    }));
});

describe('an upgrade of a database that holds channels', () => {
  it('brings handles to what they are now at the next run, by itself, and nothing waits behind it', () =>
    withDatabase(
      {
        alter: 'alter table public.users alter column created_at type timestamp; alter table public.profiles alter column name type text',
        files: migrationFiles.filter(({ name }) => !name.endsWith('-handle-order.sql')),
      },
      async (made) => {
        await insertCreator(made, { id: 'z1', name: '같은이름', created_at: '2024-01-01 00:00:00.000100' });
        await insertCreator(made, { id: 'a1', name: '같은이름', created_at: '2024-01-01 00:00:00.000200' });
        await insertCreator(made, { id: 'cut', created_at: '2024-01-01' }, { name: '가'.repeat(300) });
        await insertCreator(made, { id: 'full', created_at: '2024-01-02' }, { name: '가'.repeat(120) });
        await insertCreator(made, { id: 'shy', name: '실명' }, { name: '\u200b' });
        await insertCreator(made, { id: 'later', name: '실명', created_at: '2025-01-01' });
        await migrate(made.db);
        // What versions before this one made of these.
        await made.query(`insert into video_platform.channel_handle_request values ('cut', repeat('가', 120), '2024-01-01')`);
        await made.query(`update video_platform.channel_handle_request set handle = 'shy' where legacy_id = 'shy'`);
        await made.query(`update video_platform.channels set handle = 'shy', name = $1 where user_id = 'shy'`, ['\u200b']);
        for (const id of ['full', 'later'])
          await made.query(`update video_platform.channels set handle = $1 where user_id = $2`, [
            id === 'full' ? suffixed('가'.repeat(120), id) : '실명',
            id,
          ]);
        expect(await made.query(`select user_id from video_platform.channels where handle = '같은이름'`)).toEqual([{ user_id: 'a1' }]);

        await deploySchema(made.db);
        expect(await made.query('select user_id from video_platform.channels_prep where handle is not null')).toHaveLength(6);
        await migrate(made.db);
        expect(await channels(made)).toEqual([
          { user_id: 'a1', name: '같은이름', handle: suffixed('같은이름', 'a1') },
          { user_id: 'full', name: '가'.repeat(120), handle: '가'.repeat(120) },
          { user_id: 'later', name: '실명', handle: suffixed('실명', 'later') },
          { user_id: 'shy', name: '실명', handle: '실명' },
          { user_id: 'z1', name: '같은이름', handle: '같은이름' },
        ]);
        await expectConsistent(made);
        await made.query(`update video_platform.migration_run set status = 'completed'`);
        await open(made.db);
        expect(await made.query('select legacy_id from video_platform.change_queue')).toEqual([]);
      },
    ));

  it('names of nothing but rare blanks, and tags that kept them, are found by verification, and repaired on request', async () => {
    const owner = await insertCreator(database, { id: 'u', name: '이름' }, { name: '\u2003' });
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { hashtags: '\u200b뷰티' })]);
    await migrate(database.db);
    await database.query('update video_platform.channels set name = $1', ['\u2003']);
    await database.query('update video_platform.videos set tags = $1', [['\u200b뷰티']]);
    await database.query(`update video_platform.migration_run set status = 'completed'`);
    const { runId, runDate } = await open(database.db);
    await verifyEntity({ runId, runDate, repair: true }, { db: database.db, timeLeftMs });
    expect(
      await database.query(
        'select entity_type, different::int from video_platform.verification_run where run_id = $1 and different > 0 order by 1',
        [runId],
      ),
    ).toEqual([
      { entity_type: 'channel', different: 1 },
      { entity_type: 'video', different: 1 },
    ]);
    await catchUpNow(database);
    await expectConsistent(database);
    expect(await database.query('select name from video_platform.channels')).toEqual([{ name: '이름' }]);
    expect(await database.query('select tags from video_platform.videos')).toEqual([{ tags: ['뷰티'] }]);
  });
});
