import { describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { compileNarrowColumns } from '../../lambdas/migration/compile/narrow-columns.ts';
import { entities } from '../../lambdas/migration/entities/index.ts';
import { planMigration } from '../../lambdas/migration/plan-migration.ts';
import { contentOf } from '../support/database-content.ts';
import {
  insertCreator,
  insertLegacy,
  legacyApplication,
  legacyBusinessProfile,
  legacyCampaign,
  legacySave,
  legacyUser,
} from '../support/legacy-rows.ts';
import { migrate, testSettings } from '../support/migration.ts';
import { linkpickSql, useMigrationDatabase } from '../support/migration-database.ts';
import { through, timedOut } from '../support/through.ts';

const database = useMigrationDatabase();

const plan = (dailyLimit = 2, db: DataApi = database.db) => planMigration({ db, settings: testSettings({ dailyLimit }) });

async function insertSample(): Promise<void> {
  const owner = await insertCreator(database);
  await insertLegacy(database, 'users', [legacyUser({ type: 'AGENCY' })]);
  await insertLegacy(database, 'campaigns', [
    legacyCampaign(owner, { id: 'c' }),
    legacyCampaign(owner, { status: '?' }),
    legacyCampaign('nobody'),
  ]);
  await insertLegacy(database, 'saved_campaigns', [legacySave(owner, 'c')]);
}

/** What the plan says of pending rows, by entity. */
async function ahead() {
  const { entities } = await plan();
  return Object.fromEntries(
    entities.map(({ entity, pending, expectedQuarantine, waiting }) => [entity, { pending, expectedQuarantine, waiting }]),
  );
}

describe('the plan', () => {
  it('tells rows that would be set aside, by reason, from those that wait for a row to come', async () => {
    await insertSample();
    expect(await ahead()).toMatchObject({
      user: { pending: 2, expectedQuarantine: { UNKNOWN_VALUE: 1 }, waiting: 0 },
      channel: { pending: 1, expectedQuarantine: {}, waiting: 1 },
      video: { pending: 3, expectedQuarantine: { MISSING_REFERENCE: 1, UNKNOWN_VALUE: 1 }, waiting: 1 },
      watch_later: { pending: 1, expectedQuarantine: {}, waiting: 1 },
    });
  });

  it('has no row waiting once what it refers to is there', async () => {
    await insertSample();
    await migrate(database.db, { settings: { entities: { video: { enabled: false } } } });
    expect(await ahead()).toMatchObject({
      user: { pending: 0, waiting: 0 },
      channel: { pending: 0, waiting: 0 },
      video: { pending: 3, expectedQuarantine: { MISSING_REFERENCE: 1, UNKNOWN_VALUE: 1 }, waiting: 0 },
      watch_later: { pending: 1, waiting: 1 },
    });
  });

  it('counts the days of all rows that can be copied, those that wait too, and what comes in against the limit', async () => {
    await insertLegacy(
      database,
      'users',
      Array.from({ length: 21 }, () =>
        legacyUser({ type: 'ADMIN', created_at: new Date(Date.now() - 86_400_000).toISOString().slice(0, 19) }),
      ),
    );
    expect(await plan(3)).toMatchObject({ days: 7, inflowPerDay: 3, inflowOutrunsLimit: true });
    expect(await plan(4)).toMatchObject({ days: 6, inflowPerDay: 3, inflowOutrunsLimit: false });
  });

  it('foresees the handles that get a suffix: those whose name somebody before them asks for', async () => {
    const broken = { bio: '\uFDD0' };
    await insertCreator(database, { name: '김 민준' });
    await insertCreator(database, { name: '김민준' });
    await insertCreator(database, { name: '박서연' });
    await insertCreator(database, { name: '다른 이름' }, { name: '김민준 ' });
    await insertCreator(database, { name: '김민준' }, broken);
    await insertCreator(database, { name: '이지은' }, broken);
    await insertCreator(database, { name: '이지은' });
    await insertLegacy(database, 'users', [legacyUser({ name: '박서연' })]);
    expect(await plan()).toMatchObject({ sharedHandles: 3 });
    await migrate(database.db);
    expect(await database.query(`select handle from video_platform.channels where handle ~ '-[0-9a-f]{12}$'`)).toHaveLength(3);
    expect(await plan()).toMatchObject({ sharedHandles: 0 });

    await insertCreator(database, { name: '박서연' });
    expect(await plan()).toMatchObject({ sharedHandles: 1 });
  });

  it('takes fewer rows at once when a statement does not end in time, and comes to the same', async () => {
    await insertSample();
    const limits: unknown[] = [];
    const db = through(database.db, async (sql, { limit }, pass) => {
      if (sql.includes('-- forecast video:')) {
        limits.push(limit);
        if (Number(limit) > 2) throw timedOut();
      }
      return pass();
    });
    expect((await plan(2, db)).entities).toEqual((await plan()).entities);
    expect(limits.slice(0, 3)).toEqual([5_000, 1_250, 312]);
  });

  it.each([
    ['the inflow', '-- inflow', { sharedHandles: 0, inflowPerDay: null, inflowOutrunsLimit: null }],
    ['the shared handles', '-- shared handles', { sharedHandles: null, inflowPerDay: 0, inflowOutrunsLimit: false }],
  ])('is given without %s when that cannot be counted in time', async (_, comment, expected) => {
    await insertSample();
    const db = through(database.db, async (sql, _parameters, pass) => {
      if (sql.includes(comment)) throw timedOut();
      return pass();
    });
    expect(await plan(2, db)).toMatchObject({ dailyLimit: 2, ...expected });
  });

  it('changes nothing', async () => {
    await insertSample();
    const before = await contentOf(database);
    await plan();
    expect(await contentOf(database)).toEqual(before);
  });

  it('looks for values that are too long only where LinkPick allows them, or an expression hides what it allows', async () => {
    const narrow: string[] = [];
    for (const entity of entities) {
      const columns = await database.db.query<{ column: string }>(compileNarrowColumns(entity));
      narrow.push(...columns.map(({ column }) => `${entity.name}.${column}`));
    }
    expect(narrow).toEqual(['channel.name']);
  });
});

describe('the plan of a LinkPick that allows more than VideoPick takes', () => {
  const wide = useMigrationDatabase({
    legacy: ({ query }) =>
      query(`${linkpickSql};
      alter table public.users alter column id type text, alter column email type text, alter column email drop not null, alter column name type varchar(200);
      alter table public.profiles alter column user_id type text, alter column name type text;
      alter table public.business_profiles alter column business_number type text;
      alter table public.campaigns alter column title type text, alter column title drop not null, alter column created_at drop not null`),
  });

  const planOfWide = () => planMigration({ db: wide.db, settings: testSettings() });

  /** What is set aside, by entity and reason class. */
  async function setAside() {
    const counts = await wide.query<{ entity_type: string; reasons: Record<string, number> }>(
      `select entity_type, jsonb_object_agg(reason, rows) as reasons
       from (select entity_type, reason, count(*) as rows from video_platform.quarantine group by 1, 2) counts group by 1`,
    );
    return Object.fromEntries(entities.map(({ name }) => [name, counts.find((row) => row.entity_type === name)?.reasons ?? {}]));
  }

  it('foresees what the run then sets aside: too long values, nulls, and what waits for such rows', async () => {
    const owner = await insertCreator(wide, { id: 'good' });
    const longMail = await insertCreator(wide, { email: 'm'.repeat(256) });
    const longName = await insertCreator(wide, {}, { name: 'n'.repeat(121) });
    await insertCreator(wide, { id: 'i'.repeat(31) });
    await insertLegacy(wide, 'users', [
      legacyUser({ name: '김'.repeat(121) }),
      legacyUser({ name: '김'.repeat(120) }),
      legacyUser({ id: '' }),
      legacyUser({ email: null }),
      legacyUser({ email: null, name: 'n'.repeat(121) }),
      legacyUser({ name: 'n'.repeat(121), type: 'AGENCY' }),
    ]);
    await insertLegacy(wide, 'business_profiles', [
      legacyBusinessProfile(owner, { business_number: '9'.repeat(21) }),
      legacyBusinessProfile(longMail, { business_number: '9'.repeat(21) }),
    ]);
    await insertLegacy(wide, 'campaigns', [
      legacyCampaign(owner, { id: 'fits', title: 't'.repeat(255) }),
      legacyCampaign(owner, { id: 'long', title: 't'.repeat(256) }),
      legacyCampaign(owner, { title: null }),
      legacyCampaign(owner, { created_at: null }),
      legacyCampaign(owner, { title: 't'.repeat(256), status: '?' }),
      legacyCampaign(longMail, { id: 'in-vain' }),
      legacyCampaign(longName),
      legacyCampaign(''),
    ]);
    await insertLegacy(wide, 'campaign_applications', [legacyApplication('fits', 'good'), legacyApplication('in-vain', 'good')]);
    await insertLegacy(wide, 'saved_campaigns', [legacySave(owner, 'fits'), legacySave(owner, 'long')]);

    const foreseen = await planOfWide();
    const expected = Object.fromEntries(foreseen.entities.map(({ entity, expectedQuarantine }) => [entity, expectedQuarantine]));
    expect(expected).toEqual({
      user: { TOO_LONG: 4, CONSTRAINT: 1, UNKNOWN_VALUE: 1, UNSUPPORTED_VALUE: 1 },
      channel: { TOO_LONG: 1, MISSING_REFERENCE: 2 },
      channel_setting: { TOO_LONG: 1, MISSING_REFERENCE: 1 },
      video: { TOO_LONG: 1, CONSTRAINT: 2, UNKNOWN_VALUE: 1, MISSING_REFERENCE: 3 },
      video_submission: { MISSING_REFERENCE: 1 },
      watch_later: { MISSING_REFERENCE: 1 },
      video_analytics: { MISSING_REFERENCE: 7 },
    });

    await migrate(wide.db);
    expect(await setAside()).toEqual(expected);
    const after = await planOfWide();
    expect(after.entities.map(({ entity, completed }) => [entity, completed])).toEqual(
      foreseen.entities.map(({ entity, pending, expectedQuarantine }) => [
        entity,
        pending - Object.values(expectedQuarantine).reduce((total, rows) => total + rows, 0),
      ]),
    );
    expect(after).toMatchObject({ days: 0, entities: entities.map(() => ({ pending: 0, waiting: 0, expectedQuarantine: {} })) });
  });
});
