import type { Identity } from './identity.ts';
import { paragraph } from './korean-text.ts';
import type { Random } from './random.ts';
import type { LegacyApplication, LegacyCampaign, LegacySave, LegacyUser } from './rows.ts';
import { DAY_MS, timestamp } from './timestamp.ts';

/** About two applications to each campaign that runs or ran; a campaign and an influencer meet at most once. */
export function generateApplications(
  campaigns: readonly LegacyCampaign[],
  users: readonly LegacyUser[],
  random: Random,
  identity: Identity,
): LegacyApplication[] {
  const influencers = users.filter((user) => user.type === 'INFLUENCER').map((user) => user.id);
  return campaigns
    .filter((campaign) => campaign.status !== 'DRAFT')
    .flatMap((campaign) =>
      random.sample(influencers, random.integer(0, 4)).map((influencerId): LegacyApplication => {
        const sentMs = laterThan(campaign.created_at, random);
        return {
          id: identity.at(sentMs),
          campaign_id: campaign.id,
          influencer_id: influencerId,
          message: random.chance(0.9) ? paragraph(random, 2) : null,
          status:
            campaign.status === 'COMPLETED'
              ? random.pick(['COMPLETED', 'REJECTED'])
              : random.pick(['PENDING', 'PENDING', 'APPROVED', 'REJECTED']),
          created_at: timestamp(sentMs),
          updated_at: timestamp(sentMs + random.integer(0, 5 * DAY_MS)),
        };
      }),
    );
}

/** About one save a campaign, by anyone. */
export function generateSaves(
  campaigns: readonly LegacyCampaign[],
  users: readonly LegacyUser[],
  random: Random,
  identity: Identity,
): LegacySave[] {
  const ids = users.map((user) => user.id);
  return campaigns.flatMap((campaign) =>
    random.sample(ids, random.integer(0, 2)).map((userId): LegacySave => {
      const savedMs = laterThan(campaign.created_at, random);
      return { id: identity.at(savedMs), user_id: userId, campaign_id: campaign.id, created_at: timestamp(savedMs) };
    }),
  );
}

function laterThan(createdAt: string, random: Random): number {
  return Date.parse(`${createdAt.replace(' ', 'T')}Z`) + random.integer(1_000, 20 * DAY_MS);
}
