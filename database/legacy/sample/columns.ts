import type { LegacyRows, LegacyTable } from './rows.ts';

/** Columns by table, both in linkpick.sql's order: a table comes after those it references. A test holds this equal to linkpick.sql. */
export const legacyColumns: { readonly [T in LegacyTable]: readonly (keyof LegacyRows[T][number] & string)[] } = {
  users: ['id', 'email', 'password_hash', 'name', 'type', 'status', 'last_login_at', 'created_at', 'updated_at'],
  profiles: ['id', 'user_id', 'name', 'bio', 'profile_image', 'created_at', 'updated_at'],
  business_profiles: ['id', 'user_id', 'company_name', 'company_intro', 'business_number', 'website', 'created_at', 'updated_at'],
  campaigns: [
    'id',
    'business_id',
    'title',
    'description',
    'thumbnail_image_url',
    'view_count',
    'status',
    'hashtags',
    'budget',
    'start_date',
    'end_date',
    'created_at',
    'updated_at',
  ],
  campaign_applications: ['id', 'campaign_id', 'influencer_id', 'message', 'status', 'created_at', 'updated_at'],
  saved_campaigns: ['id', 'user_id', 'campaign_id', 'created_at'],
};

export const legacyTables = Object.keys(legacyColumns) as readonly LegacyTable[];

export function isLegacyTable(name: string): name is LegacyTable {
  return Object.hasOwn(legacyColumns, name);
}
