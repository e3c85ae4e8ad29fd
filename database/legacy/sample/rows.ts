/**
 * Rows of LinkPick's tables, typed as database/legacy/linkpick.sql declares them. Values are in PostgreSQL's own text form where JavaScript has no
 * exact type: timestamps as `2024-03-01 12:34:56.789` (UTC, no trailing zeros), numerics as decimal text.
 */
export interface LegacyRows {
  readonly users: readonly LegacyUser[];
  readonly profiles: readonly LegacyProfile[];
  readonly business_profiles: readonly LegacyBusinessProfile[];
  readonly campaigns: readonly LegacyCampaign[];
  readonly campaign_applications: readonly LegacyApplication[];
  readonly saved_campaigns: readonly LegacySave[];
}

export type LegacyTable = keyof LegacyRows;

export interface LegacyUser {
  readonly id: string;
  readonly email: string;
  readonly password_hash: string | null;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly last_login_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface LegacyProfile {
  readonly id: string;
  readonly user_id: string;
  readonly name: string | null;
  readonly bio: string | null;
  readonly profile_image: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface LegacyBusinessProfile {
  readonly id: string;
  readonly user_id: string;
  readonly company_name: string | null;
  readonly company_intro: string | null;
  readonly business_number: string | null;
  readonly website: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface LegacyCampaign {
  readonly id: string;
  readonly business_id: string;
  readonly title: string;
  readonly description: string | null;
  readonly thumbnail_image_url: string | null;
  readonly view_count: number | null;
  readonly status: string;
  readonly hashtags: string | null;
  readonly budget: string | null;
  readonly start_date: string | null;
  readonly end_date: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface LegacyApplication {
  readonly id: string;
  readonly campaign_id: string;
  readonly influencer_id: string;
  readonly message: string | null;
  readonly status: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface LegacySave {
  readonly id: string;
  readonly user_id: string;
  readonly campaign_id: string;
  readonly created_at: string;
}
