import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planMigration } from '../../lambdas/migration/plan-migration.ts';
import { loadLegacy } from '../../local/legacy/load-legacy.ts';
import { createDatabase } from '../support/database.ts';
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
import { migrate, testSettings } from '../support/migration.ts';
import { linkpickSql, useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

/** Stands where a dump had bytes that are no text. */
const MARK = '\ufdd0';

const database = useMigrationDatabase();

const quarantine = () =>
  database.query<Record<string, string | null>>(
    'select entity_type, legacy_id, reason, column_name, value from video_platform.quarantine order by entity_type, legacy_id',
  );

/** A broken key in every table, and rows that refer to such a row; one good row of each entity. */
async function insertBrokenKeys(): Promise<void> {
  await insertCreator(database, { id: 'good' });
  await insertCreator(database, { id: `u${MARK}` });
  await insertLegacy(database, 'users', [legacyUser({ id: 'u2', type: 'INFLUENCER' })]);
  await insertLegacy(database, 'profiles', [legacyProfile('u2', { id: `p${MARK}` })]);
  await insertLegacy(database, 'business_profiles', [
    legacyBusinessProfile('good', { id: `b${MARK}` }),
    legacyBusinessProfile(`u${MARK}`, { id: 'b' }),
  ]);
  await insertLegacy(database, 'campaigns', [
    legacyCampaign('good', { id: 'c' }),
    legacyCampaign('good', { id: `c${MARK}` }),
    legacyCampaign(`u${MARK}`, { id: 'of-broken' }),
  ]);
  await insertLegacy(database, 'campaign_applications', [
    legacyApplication('c', 'good', { id: `a${MARK}` }),
    legacyApplication(`c${MARK}`, 'good', { id: 'a' }),
    legacyApplication('c', `u${MARK}`, { id: 'a2' }),
  ]);
  await insertLegacy(database, 'saved_campaigns', [
    legacySave('good', 'c', { id: `s${MARK}` }),
    legacySave('good', `c${MARK}`, { id: 's' }),
  ]);
}

const SET_ASIDE = [
  `channel u${MARK} UNSUPPORTED_TEXT id null`,
  `channel_setting b MISSING_REFERENCE user_id u${MARK}`,
  `channel_setting b${MARK} UNSUPPORTED_TEXT id null`,
  `user u${MARK} UNSUPPORTED_TEXT id null`,
  `video c${MARK} UNSUPPORTED_TEXT id null`,
  `video of-broken MISSING_REFERENCE business_id u${MARK}`,
  `video_analytics c${MARK} UNSUPPORTED_TEXT id null`,
  'video_analytics of-broken MISSING_REFERENCE id of-broken',
  `video_submission a MISSING_REFERENCE campaign_id c${MARK}`,
  `video_submission a${MARK} UNSUPPORTED_TEXT id null`,
  `video_submission a2 MISSING_REFERENCE influencer_id u${MARK}`,
  `watch_later s MISSING_REFERENCE campaign_id c${MARK}`,
  `watch_later s${MARK} UNSUPPORTED_TEXT id null`,
];

it('a key that holds broken text is set aside by that column in every entity, what refers to it for want of it, and the rest is copied', async () => {
  await insertBrokenKeys();
  await migrate(database.db);
  await migrate(database.db); // neither the retry nor a second run copies one
  await catchUpNow(database);
  await expectConsistent(database);
  expect((await quarantine()).map((row) => Object.values(row).map(String).join(' ')).sort()).toEqual([...SET_ASIDE].sort());
  for (const [table, ids] of [
    ['users', ['good', 'u2']],
    ['videos', ['c']],
    ['video_analytics', ['c']],
  ] as const) {
    expect(await database.query(`select id from video_platform.${table} order by id`)).toEqual(ids.map((id) => ({ id })));
  }
  // The profile's own id is no key of an entity.
  expect(await database.query('select user_id from video_platform.channels order by 1')).toEqual([{ user_id: 'good' }, { user_id: 'u2' }]);
});

it('the plan foresees them', async () => {
  await insertBrokenKeys();
  const { entities } = await planMigration({ db: database.db, settings: testSettings() });
  const expected: Record<string, Record<string, number>> = {};
  for (const [entity = '', , reason = ''] of SET_ASIDE.map((line) => line.split(' '))) {
    expected[entity] = { ...expected[entity], [reason]: (expected[entity]?.[reason] ?? 0) + 1 };
  }
  expect(Object.fromEntries(entities.map(({ entity, expectedQuarantine }) => [entity, expectedQuarantine]))).toEqual(expected);
});

it('a row whose key comes to be broken leaves VideoPick, and comes back when it is mended', async () => {
  await insertCreator(database, { id: 'good' });
  await insertLegacy(database, 'campaigns', [legacyCampaign('good', { id: 'c' })]);
  await migrate(database.db);
  await database.query(`update public.campaigns set id = $1`, [`c${MARK}`]);
  await catchUpNow(database);
  await migrate(database.db);
  expect(await database.query('select id from video_platform.videos')).toEqual([]);
  await database.query(`update public.campaigns set id = 'c'`);
  await catchUpNow(database);
  await migrate(database.db);
  await expectConsistent(database);
  expect(await database.query('select id from video_platform.videos')).toEqual([{ id: 'c' }]);
});

it('two broken keys that come to be the same are told as such, not as duplicates that nobody finds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-broken-keys-'));
  const fresh = await createDatabase();
  try {
    const file = join(folder, 'dump.sql');
    const row = (second: number) =>
      Buffer.concat([Buffer.from('u'), Buffer.from([0xb0, second]), Buffer.from(`\t${second}@x\t이름\tADMIN\n`)]);
    writeFileSync(
      file,
      Buffer.concat([
        Buffer.from(`${linkpickSql}\nCOPY public.users (id, email, name, type) FROM stdin;\n`),
        row(0xa1),
        row(0xa2),
        Buffer.from('\\.\n'),
      ]),
    );
    await expect(loadLegacy({ kind: 'dump', file }, fresh.url)).rejects.toThrow(/Key \(id\).*it holds bytes that are no UTF-8/);
  } finally {
    rmSync(folder, { recursive: true });
    await fresh.drop();
  }
});
