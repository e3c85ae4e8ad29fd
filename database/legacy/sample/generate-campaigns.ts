import type { GeneratedUsers } from './generate-users.ts';
import type { Identity } from './identity.ts';
import { campaignTitle, hashtags, paragraph } from './korean-text.ts';
import type { Random } from './random.ts';
import type { LegacyCampaign } from './rows.ts';
import { DAY_MS, SAMPLE_NOW_MS, SAMPLE_START_MS, timestamp } from './timestamp.ts';

type CampaignDraft = { -readonly [K in keyof LegacyCampaign]: LegacyCampaign[K] };

interface Owners {
  readonly ordinary: readonly string[];
  readonly admins: readonly string[];
  readonly withoutProfile: readonly string[];
}

type Oddity = (draft: CampaignDraft, random: Random, owners: Owners) => void;

const ODD_SHARE = 0.028;

const ODDITIES: readonly Oddity[] = [
  (draft, random) => {
    draft.status = random.pick(['ARCHIVED', 'active', 'Draft', '']);
  },
  (draft) => {
    draft.business_id = `c0gone${draft.id.slice(6)}`;
  },
  (draft, random, { admins }) => {
    if (admins.length > 0) draft.business_id = random.pick(admins);
  },
  (draft, random, { withoutProfile }) => {
    if (withoutProfile.length > 0) draft.business_id = random.pick(withoutProfile);
  },
  (draft) => {
    draft.view_count = null;
  },
  (draft, random) => {
    draft.hashtags = random.pick([
      '#뷰티, # 맛집 ,#여행',
      '뷰티,맛집,뷰티',
      ',뷰티,,  ,맛집,',
      ',,,',
      '',
      ' # , ## ,',
      '여행,\u3000제주\u3000,#여행',
      null,
    ]);
  },
  (draft) => {
    draft.title = `${draft.title} `.repeat(20).slice(0, 254).padEnd(255, '끝');
  },
  (draft, random) => {
    draft.title = `${random.pick(['🎬', '💄✨', '👩‍👩‍👧‍👦', '🇰🇷'])} ${draft.title}`;
  },
  (draft) => {
    draft.title = `"${draft.title}" \\n 이 아니라 '진짜' 줄바꿈`;
    draft.description = '첫 줄\n둘째 줄\r\n\t들여쓴 줄\n\\.\n\\N C:\\새 폴더\\사진 O\'Clock "인용" $$달러$$ ; -- 끝';
  },
  (draft, random) => {
    [draft.start_date, draft.end_date] = random.pick([
      ['1900-01-01 00:00:00', '1999-12-31 23:59:59.999'],
      ['2026-01-01 00:00:00', '9999-12-31 23:59:59.999'],
      ['0001-01-01 00:00:00', '2999-01-01 00:00:00.001'],
    ] as const);
  },
];

/** Campaigns in the order they were made, by BUSINESS users with a profile, but for the awkward ones. */
export function generateCampaigns(count: number, owned: GeneratedUsers, random: Random, identity: Identity): LegacyCampaign[] {
  const profiled = new Set(owned.profiles.map((profile) => profile.user_id));
  const idsOf = (type: string, hasProfile: boolean) =>
    owned.users.filter((user) => user.type === type && profiled.has(user.id) === hasProfile).map((user) => user.id);
  const owners: Owners = { ordinary: idsOf('BUSINESS', true), admins: idsOf('ADMIN', false), withoutProfile: idsOf('BUSINESS', false) };
  const oddCount = Math.round(count * ODD_SHARE);
  const positions = random.sample(
    Array.from({ length: count }, (_, index) => index),
    oddCount,
  );
  const odd = new Map(positions.map((position, index) => [position, ODDITIES[index % ODDITIES.length] as Oddity]));

  return Array.from({ length: count }, (_, position) => {
    const madeMs = SAMPLE_START_MS + Math.floor((position / count) * (SAMPLE_NOW_MS - SAMPLE_START_MS)) + random.integer(0, 3_600_000);
    const joined = Math.max(1, Math.floor((position / count) * owners.ordinary.length));
    const draft = ordinaryCampaign(madeMs, owners.ordinary.slice(0, joined), random, identity);
    odd.get(position)?.(draft, random, owners);
    return draft;
  });
}

function ordinaryCampaign(madeMs: number, owners: readonly string[], random: Random, identity: Identity): CampaignDraft {
  const id = identity.at(madeMs);
  const startMs = madeMs + random.integer(1, 14) * DAY_MS;
  const endMs = startMs + random.integer(7, 60) * DAY_MS;
  const over = endMs < SAMPLE_NOW_MS;
  return {
    id,
    // A sample without a single BUSINESS user (a very small one) has orphans only.
    business_id: owners.length > 0 ? random.pick(owners) : `c0gone${id.slice(6)}`,
    title: campaignTitle(random),
    description: random.chance(0.95) ? paragraph(random, 5) : null,
    thumbnail_image_url: random.chance(0.9) ? `https://images.example.com/campaigns/${id}.webp` : null,
    view_count: Math.floor(random.next() ** 4 * 250_000),
    status: over
      ? random.pick(['COMPLETED', 'COMPLETED', 'ACTIVE', 'PAUSED', 'DRAFT'])
      : random.pick(['ACTIVE', 'ACTIVE', 'ACTIVE', 'PAUSED', 'DRAFT']),
    hashtags: hashtags(random),
    budget: random.chance(0.9) ? `${random.integer(1, 500) * 10_000}.00` : null,
    start_date: timestamp(startMs),
    end_date: timestamp(endMs),
    created_at: timestamp(madeMs),
    updated_at: timestamp(Math.min(SAMPLE_NOW_MS, madeMs + random.integer(0, 20 * DAY_MS))),
  };
}
