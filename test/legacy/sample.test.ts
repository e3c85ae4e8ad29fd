import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legacyTables } from '../../database/legacy/sample/columns.ts';
import { DEFAULT_SEED, generateSample, type LegacySample } from '../../database/legacy/sample/generate-sample.ts';

describe('the default sample', () => {
  const sample = generateSample({ seed: DEFAULT_SEED });

  it('has at least 3,000 users and 5,000 campaigns', () => {
    expect(sample.users.length).toBeGreaterThanOrEqual(3_000);
    expect(sample.campaigns.length).toBeGreaterThanOrEqual(5_000);
    expect(sample.campaign_applications.length).toBeGreaterThan(5_000);
    expect(sample.saved_campaigns.length).toBeGreaterThan(3_000);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(generateSample({ seed: DEFAULT_SEED })).toEqual(sample);
    expect(generateSample({ seed: DEFAULT_SEED + 1 }).users).not.toEqual(sample.users);
  });

  it('has about 70 % influencers and 28 % businesses, most of them with a profile', () => {
    const share = (type: string) => sample.users.filter((user) => user.type === type).length / sample.users.length;
    expect(share('INFLUENCER')).toBeCloseTo(0.71, 1);
    expect(share('BUSINESS')).toBeCloseTo(0.28, 1);
    expect(share('ADMIN')).toBeLessThan(0.01);
    expect(sample.profiles.length / sample.users.length).toBeGreaterThan(0.9);
  });

  it('is awkward in every way, in two to three of a hundred users and campaigns', () => {
    for (const [kind, count] of Object.entries(sample.awkward)) expect(count, kind).toBeGreaterThan(0);
    // An empty handle and a full-width space come with a blank name or not: each user's oddity is counted once here.
    const { emptyHandles, ...counted } = sample.awkward;
    expect(emptyHandles).toBeLessThanOrEqual(counted.blankProfileNames);
    const total = Object.values(counted).reduce((sum, count) => sum + count, 0);
    const share = total / (sample.users.length + sample.campaigns.length);
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.03);
  });

  it('names nobody: every address is of a domain reserved for examples', () => {
    expect(sample.users.filter(({ email }) => !/^[a-z0-9.]+@example\.(com|kr)$/.test(email))).toEqual([]);
  });
});

it('keeps the keys, references and lengths of linkpick.sql at any size and seed', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 400 }), (seed, users, campaigns) => {
      const sample = generateSample({ seed, users, campaigns });
      expect([sample.users.length, sample.campaigns.length]).toEqual([users, campaigns]);
      for (const table of legacyTables) expectUnique(sample[table].map(({ id }) => id));
      expectUnique(sample.users.map(({ email }) => email));
      expectUnique(sample.profiles.map(({ user_id }) => user_id));
      expectUnique(sample.campaign_applications.map((row) => `${row.campaign_id} ${row.influencer_id}`));
      expectUnique(sample.saved_campaigns.map((row) => `${row.campaign_id} ${row.user_id}`));
      expectReferences(sample);
      expect(sample.users.every(({ id, name }) => /^c[0-9a-z]{24}$/.test(id) && name.length <= 120)).toBe(true);
      expect(sample.campaigns.every(({ title }) => [...title].length <= 255)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

function expectUnique(values: readonly string[]): void {
  expect(new Set(values).size).toBe(values.length);
}

function expectReferences(sample: LegacySample): void {
  const users = new Set(sample.users.map(({ id }) => id));
  const campaigns = new Set(sample.campaigns.map(({ id }) => id));
  const strays = [
    ...sample.profiles.filter(({ user_id }) => !users.has(user_id)),
    ...sample.business_profiles.filter(({ user_id }) => !users.has(user_id)),
    ...sample.campaign_applications.filter((row) => !users.has(row.influencer_id) || !campaigns.has(row.campaign_id)),
    ...sample.saved_campaigns.filter((row) => !users.has(row.user_id) || !campaigns.has(row.campaign_id)),
  ];
  expect(strays).toEqual([]);
}
