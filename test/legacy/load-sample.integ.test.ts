import { afterAll, beforeAll, expect, it } from 'vitest';
import { legacyColumns } from '../../database/legacy/sample/columns.ts';
import { DEFAULT_SEED, generateSample } from '../../database/legacy/sample/generate-sample.ts';
import { type LegacyProgress, loadLegacy } from '../../local/legacy/load-legacy.ts';
import { readExpectedSchema, readSchema } from '../../local/legacy/schema.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { byId, readLegacyRows } from './legacy-rows.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(async () => await db.drop());

it('loads every row of the sample as it was generated', async () => {
  const sample = generateSample({ seed: DEFAULT_SEED });
  const progress: LegacyProgress[] = [];
  const counts = await loadLegacy({ kind: 'sample' }, db.url, { onProgress: (step) => progress.push(step) });

  expect(counts).toEqual({
    users: sample.users.length,
    profiles: sample.profiles.length,
    business_profiles: sample.business_profiles.length,
    campaigns: sample.campaigns.length,
    campaign_applications: sample.campaign_applications.length,
    saved_campaigns: sample.saved_campaigns.length,
  });
  expect(progress.at(-1)).toMatchObject({ table: 'saved_campaigns', fraction: 1 });
  expect(await readLegacyRows(db)).toEqual(byId(sample));
});

it('refuses a database that holds LinkPick tables already, by their names', async () => {
  await expect(loadLegacy({ kind: 'sample' }, db.url)).rejects.toMatchObject({
    name: 'NotFreshError',
    exitCode: 1,
    message: expect.stringContaining('"users"'),
  });
});

it('knows the tables and columns of linkpick.sql, in its order', async () => {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    const expected = await readExpectedSchema(client);
    expect([...expected].map(([table, columns]) => [table, [...columns.keys()]])).toEqual(Object.entries(legacyColumns));
    expect(await readSchema(client)).toEqual(expected);
    await client.query('rollback');
  } finally {
    client.release();
  }
});
