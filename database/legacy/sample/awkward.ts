import type { LegacyCampaign, LegacyRows, LegacyUser } from './rows.ts';

/**
 * How many rows of a sample are awkward, by kind. Counted from the rows, independently of how they were made, so a test of the migration can expect
 * an outcome from them: `unknown*`, `orphanCampaigns`, `campaignsOfAdmins` and `campaignsOfUsersWithoutProfile` have no target row to go to; every
 * other kind must arrive. A row may count in more than one kind.
 */
export interface AwkwardCounts {
  /** Channels that ask for a handle an earlier user (created_at, id) asks for too. */
  readonly duplicateHandles: number;
  /** Profiles without a visible name: null, empty or only white space. */
  readonly blankProfileNames: number;
  /** Channels whose name, profile's or user's, leaves nothing once white space is removed. */
  readonly emptyHandles: number;
  readonly fullWidthSpaceNames: number;
  readonly unknownUserTypes: number;
  readonly oddUserStatuses: number;
  readonly unknownCampaignStatuses: number;
  /** Campaigns whose business_id is nobody's. */
  readonly orphanCampaigns: number;
  readonly campaignsOfAdmins: number;
  /** Campaigns of a BUSINESS or INFLUENCER that has no profile, so no channel. */
  readonly campaignsOfUsersWithoutProfile: number;
  readonly nullViewCounts: number;
  /** Hashtags that are not simply `a, b, c`: with #, empty or repeated pieces, or nothing but commas. */
  readonly messyHashtags: number;
  readonly nullHashtags: number;
  /** Titles of exactly the 255 characters that fit. */
  readonly longTitles: number;
  /** Campaigns with a newline, tab, backslash or quote in title or description. */
  readonly specialCharacters: number;
  readonly emojiTitles: number;
  /** Campaigns that start before 2000 or end after 2100. */
  readonly farDates: number;
}

export const KNOWN_USER_TYPES: readonly string[] = ['BUSINESS', 'INFLUENCER', 'ADMIN'];
export const KNOWN_USER_STATUSES: readonly string[] = ['ACTIVE', 'INACTIVE', 'SUSPENDED'];
export const KNOWN_CAMPAIGN_STATUSES: readonly string[] = ['DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED'];

export function countAwkward({
  users,
  profiles,
  campaigns,
}: Omit<LegacyRows, 'business_profiles' | 'saved_campaigns' | 'campaign_applications'>): AwkwardCounts {
  const userOf = new Map(users.map((user) => [user.id, user]));
  const profileNameOf = new Map(profiles.map((profile) => [profile.user_id, profile.name]));
  const channelUsers = users.filter((user) => ownsChannel(user) && profileNameOf.has(user.id));
  const handles = channelUsers.map((user) => handleOf(visible(profileNameOf.get(user.id)) ?? user.name));
  const count = (test: (campaign: LegacyCampaign, owner: LegacyUser | undefined) => boolean) =>
    campaigns.filter((campaign) => test(campaign, userOf.get(campaign.business_id))).length;

  const asked = handles.filter((handle) => handle !== '');
  return {
    duplicateHandles: asked.length - new Set(asked).size,
    blankProfileNames: profiles.filter((profile) => visible(profile.name) === undefined).length,
    emptyHandles: handles.length - asked.length,
    fullWidthSpaceNames: profiles.filter((profile) => profile.name?.includes('\u3000') && visible(profile.name) !== undefined).length,
    unknownUserTypes: users.filter((user) => !KNOWN_USER_TYPES.includes(user.type)).length,
    oddUserStatuses: users.filter((user) => !KNOWN_USER_STATUSES.includes(user.status)).length,
    unknownCampaignStatuses: count((campaign) => !KNOWN_CAMPAIGN_STATUSES.includes(campaign.status)),
    orphanCampaigns: count((_, owner) => owner === undefined),
    campaignsOfAdmins: count((_, owner) => owner?.type === 'ADMIN'),
    campaignsOfUsersWithoutProfile: count((_, owner) => owner !== undefined && ownsChannel(owner) && !profileNameOf.has(owner.id)),
    nullViewCounts: count((campaign) => campaign.view_count === null),
    messyHashtags: count((campaign) => campaign.hashtags !== null && isMessy(campaign.hashtags)),
    nullHashtags: count((campaign) => campaign.hashtags === null),
    longTitles: count((campaign) => [...campaign.title].length === 255),
    specialCharacters: count((campaign) => /[\n\t\\'"]/.test(`${campaign.title}${campaign.description}`)),
    emojiTitles: count((campaign) => /\p{Extended_Pictographic}/u.test(campaign.title)),
    farDates: count(({ start_date, end_date }) => (start_date ?? '2020') < '2000' || (end_date ?? '2020') > '2100'),
  };
}

function ownsChannel(user: LegacyUser): boolean {
  return user.type === 'BUSINESS' || user.type === 'INFLUENCER';
}

function visible(name: string | null | undefined): string | undefined {
  return name?.replace(/^[ \t\r\n\u00a0\u3000]+|[ \t\r\n\u00a0\u3000]+$/g, '') || undefined;
}

function handleOf(name: string): string {
  return name.toLowerCase().replace(/[\s\u00a0\u200b\u3000\ufeff]+/g, '');
}

function isMessy(hashtags: string): boolean {
  const tags = hashtags.split(', ');
  return new Set(tags).size < tags.length || tags.some((tag) => tag === '' || /[#,\s]/.test(tag));
}
