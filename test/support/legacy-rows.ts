import type { TestDatabase } from './database.ts';

type Row = Readonly<Record<string, unknown>>;

let sequence = 0;

/** A new legacy id, later ones greater. */
export function legacyId(): string {
  sequence += 1;
  return `c${String(sequence).padStart(24, '0')}`;
}

/** A user. Of this and the rows below, a test gives only the columns that matter to it. */
export function legacyUser(row: Row = {}): Row {
  const id = legacyId();
  return {
    id,
    email: `${id}@example.com`,
    name: `사용자${id}`,
    type: 'INFLUENCER',
    created_at: '2024-01-02 03:04:05.678',
    updated_at: '2024-01-02 03:04:05.678',
    ...row,
  };
}

/** The profile that gives a user a channel. */
export function legacyProfile(userId: unknown, row: Row = {}): Row {
  return { id: legacyId(), user_id: userId, created_at: '2024-01-03 00:00:00', updated_at: '2024-01-03 00:00:00', ...row };
}

/** A campaign that is ACTIVE. */
export function legacyCampaign(businessId: unknown, row: Row = {}): Row {
  return {
    id: legacyId(),
    business_id: businessId,
    title: '여름 캠페인',
    status: 'ACTIVE',
    created_at: '2024-02-01 00:00:00',
    updated_at: '2024-02-01 00:00:00',
    ...row,
  };
}

/** What a company says of itself, beside its profile. */
export function legacyBusinessProfile(userId: unknown, row: Row = {}): Row {
  return { id: legacyId(), user_id: userId, company_name: '주식회사 링크', created_at: '2024-01-03', updated_at: '2024-01-03', ...row };
}

/** An influencer's application to a campaign. */
export function legacyApplication(campaignId: unknown, influencerId: unknown, row: Row = {}): Row {
  return {
    id: legacyId(),
    campaign_id: campaignId,
    influencer_id: influencerId,
    created_at: '2024-03-01',
    updated_at: '2024-03-01',
    ...row,
  };
}

/** A campaign that a user kept for later. */
export function legacySave(userId: unknown, campaignId: unknown, row: Row = {}): Row {
  return { id: legacyId(), user_id: userId, campaign_id: campaignId, created_at: '2024-03-02', ...row };
}

/** Writes rows as LinkPick does: one statement a row. */
export async function insertLegacy(database: Pick<TestDatabase, 'query'>, table: string, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const columns = Object.keys(row);
    const places = columns.map((_, index) => `$${index + 1}`);
    await database.query(`insert into public.${table} (${columns.join(', ')}) values (${places.join(', ')})`, Object.values(row));
  }
}

/** A user with a profile, and so with a channel. Gives the user's id. */
export async function insertCreator(database: Pick<TestDatabase, 'query'>, user: Row = {}, profile: Row = {}): Promise<unknown> {
  const row = legacyUser(user);
  await insertLegacy(database, 'users', [row]);
  await insertLegacy(database, 'profiles', [legacyProfile(row.id, profile)]);
  return row.id;
}
