import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { loadLegacy } from '../../local/legacy/load-legacy.ts';
import {
  insertCreator,
  insertLegacy,
  legacyApplication,
  legacyBusinessProfile,
  legacyCampaign,
  legacyProfile,
  legacyUser,
} from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { createMigrationDatabase, linkpickSql } from '../support/migration-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'videopick-wide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a LinkPick without limits and constraints: each row that does not fit is set aside by its column, and stops no other', async () => {
  const keysAlone = linkpickSql
    .replace(/varchar\(\d+\)/g, 'text')
    .replace(/ not null| unique\b(?! \()| references public\.\w+ \(id\) on delete cascade/g, '')
    .replace(/,\s+unique \([^)]+\)/g, '')
    .replace(/create index [^;]+;/, '');
  const file = join(folder, 'dump.sql');
  writeFileSync(file, keysAlone);
  const database = await createMigrationDatabase({ legacy: ({ url }) => loadLegacy({ kind: 'dump', file }, url) });
  onTestFinished(database.close);
  const { db } = database;

  const owner = await insertCreator(database, { id: 'good', type: 'BUSINESS' });
  await insertCreator(database, { id: 'long-name', name: 'n'.repeat(3_000) });
  await insertCreator(database, { id: 'i'.repeat(31) });
  await insertCreator(database, { id: 'no-date', created_at: null });
  await insertCreator(database, { id: 'two-profiles' });
  await insertLegacy(database, 'profiles', [legacyProfile('two-profiles', { id: 'second' })]);
  await insertLegacy(database, 'users', [
    legacyUser({ id: 'long-mail', email: 'm'.repeat(256) }),
    legacyUser({ id: 'no-mail', email: null }),
    legacyUser({ id: 'no-type', type: null }),
    legacyUser({ id: 'long-type', type: 'T'.repeat(9_000) }),
    legacyUser({ id: 'twin-1', email: 'twin@example.com' }),
    legacyUser({ id: 'twin-2', email: 'twin@example.com' }),
  ]);
  await insertLegacy(database, 'business_profiles', [
    legacyBusinessProfile(owner, { id: 'long-number', business_number: '9'.repeat(21) }),
    legacyBusinessProfile(owner, { id: 'setting' }),
    legacyBusinessProfile(owner, { id: 'setting-again' }),
  ]);
  // Random, so that it stays long when it is compressed.
  const nobody = Array.from({ length: 300 }, (_, index) => (0x9e3779b97f4a7c15n * BigInt(index + 1)).toString(36)).join('');
  await insertLegacy(database, 'campaigns', [
    legacyCampaign(owner, { id: 'video' }),
    legacyCampaign(owner, { id: 'long-title', title: 't'.repeat(256) }),
    legacyCampaign(owner, { id: 'no-title', title: null }),
    legacyCampaign(nobody, { id: 'long-owner' }),
  ]);
  await insertLegacy(database, 'campaign_applications', [
    legacyApplication('video', 'good', { id: 'a1' }),
    legacyApplication('video', 'good', { id: 'a2' }),
  ]);
  await migrate(db);

  const quarantine = await database.query<Record<'entity_type' | 'legacy_id' | 'reason' | 'column_name', string>>(
    `select entity_type, legacy_id, reason, column_name from video_platform.quarantine where entity_type <> 'video_analytics' order by 1, 2`,
  );
  expect(
    quarantine.map(({ entity_type, legacy_id, reason, column_name }) => `${entity_type} ${legacy_id} ${reason} ${column_name}`),
  ).toEqual([
    'channel iiiiiiiiiiiiiiiiiiiiiiiiiiiiiii MISSING_REFERENCE id',
    'channel long-name MISSING_REFERENCE id',
    'channel no-date MISSING_REFERENCE id',
    'channel two-profiles CONSTRAINT user_id',
    'channel_setting long-number TOO_LONG business_number',
    'channel_setting setting-again CONSTRAINT user_id',
    'user iiiiiiiiiiiiiiiiiiiiiiiiiiiiiii TOO_LONG id',
    'user long-mail TOO_LONG email',
    'user long-name TOO_LONG name',
    'user long-type UNKNOWN_VALUE type',
    'user no-date CONSTRAINT created_at',
    'user no-mail CONSTRAINT email',
    'user no-type UNKNOWN_VALUE type',
    'user twin-2 CONSTRAINT email',
    'video long-owner MISSING_REFERENCE business_id',
    'video long-title TOO_LONG title',
    'video no-title CONSTRAINT title',
    'video_submission a2 CONSTRAINT campaign_id, influencer_id',
  ]);
  expect(await database.query('select id from video_platform.videos')).toEqual([{ id: 'video' }]);

  // What catch-up and the retry of a further run refuse has its column too.
  await database.query(`update public.campaigns set title = repeat('t', 300) where id in ('video', 'long-title')`);
  await migrate(db);
  expect(
    await database.query(
      `select legacy_id, column_name from video_platform.quarantine where entity_type = 'video' and reason = 'TOO_LONG' order by 1`,
    ),
  ).toEqual([
    { legacy_id: 'long-title', column_name: 'title' },
    { legacy_id: 'video', column_name: 'title' },
  ]);
  await database.query(`update public.profiles set bio = 'x' where user_id = 'two-profiles'`);
  await migrate(db);
  expect(await database.query(`select column_name, message from video_platform.quarantine where legacy_id = 'two-profiles'`)).toEqual([
    { column_name: 'user_id', message: 'more than one row of profiles has this key' },
  ]);
  await database.query(`delete from public.profiles where id = 'second'`);
  await migrate(db);
  expect(await database.query(`select user_id from video_platform.channels where user_id = 'two-profiles'`)).toHaveLength(1);
});
