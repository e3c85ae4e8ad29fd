import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { planMigration } from '../../lambdas/migration/plan-migration.ts';
import { contentOf, emptyLegacy, emptyVideoPlatform } from '../support/database-content.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacySave, legacyUser } from '../support/legacy-rows.ts';
import { createMigrationDatabase, type MigrationDatabase, migrate, testSettings } from '../support/migration.ts';

let database: MigrationDatabase;

beforeAll(async () => {
  database = await createMigrationDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  await emptyLegacy(database);
  await emptyVideoPlatform(database);
});

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
      video: { pending: 3, expectedQuarantine: { MISSING_REFERENCE: 1 }, waiting: 2 },
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

  it('is given without the inflow when that cannot be counted in time', async () => {
    await insertSample();
    const db = Object.create(database.db) as DataApi;
    db.query = ((sql: string, parameters: Record<string, never> = {}) => {
      if (sql.includes('-- inflow')) throw Object.assign(new Error('timed out'), { name: 'StatementTimeoutException' });
      return database.db.query(sql, parameters);
    }) as DataApi['query'];
    expect(await plan(2, db)).toMatchObject({ dailyLimit: 2, inflowPerDay: null, inflowOutrunsLimit: null });
  });

  it('changes nothing', async () => {
    await insertSample();
    const before = await contentOf(database);
    await plan();
    expect(await contentOf(database)).toEqual(before);
  });
});
