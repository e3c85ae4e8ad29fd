import type { Identity } from './identity.ts';
import { channelName, companyName, paragraph, personName } from './korean-text.ts';
import type { Random } from './random.ts';
import type { LegacyBusinessProfile, LegacyProfile, LegacyUser } from './rows.ts';
import { DAY_MS, SAMPLE_NOW_MS, SAMPLE_START_MS, timestamp } from './timestamp.ts';

export interface GeneratedUsers {
  readonly users: readonly LegacyUser[];
  readonly profiles: readonly LegacyProfile[];
  readonly business_profiles: readonly LegacyBusinessProfile[];
}

/** One way a user and its profile depart from the ordinary. */
type Oddity = (draft: UserDraft, random: Random, earlierNames: readonly string[]) => void;

interface UserDraft {
  type: string;
  status: string;
  name: string;
  profileName: string | null;
}

/** Share of users with an oddity; each gets one. */
const ODD_SHARE = 0.024;

const ODDITIES: readonly Oddity[] = [
  (draft, random, earlierNames) => {
    draft.profileName = random.pick(earlierNames);
  },
  (draft, random, earlierNames) => {
    // The same handle, written otherwise.
    draft.profileName = random.pick(earlierNames).toUpperCase().replaceAll(' ', '  ');
  },
  (draft, random) => {
    draft.profileName = random.pick([null, '', '   ', '\u3000']);
  },
  (draft, random) => {
    draft.profileName = random.pick([' ', '\u3000\u3000', null]);
    draft.name = random.pick([' ', '\u3000', '\u200b']);
  },
  (draft) => {
    draft.profileName = draft.profileName?.replaceAll(' ', '\u3000') ?? null;
  },
  (draft, random) => {
    draft.type = random.pick(['AGENCY', 'influencer', 'GUEST']);
  },
  (draft, random) => {
    draft.status = random.pick(['active', 'WITHDRAWN', 'DORMANT', '']);
  },
];

/** Users in the order they joined: the first is an ADMIN, then about 70 % INFLUENCER, 28 % BUSINESS. Profiles of most. */
export function generateUsers(count: number, random: Random, identity: Identity): GeneratedUsers {
  const users: LegacyUser[] = [];
  const profiles: LegacyProfile[] = [];
  const businessProfiles: LegacyBusinessProfile[] = [];
  const names: string[] = [];
  const taken = new Set<string>();
  const span = SAMPLE_NOW_MS - SAMPLE_START_MS;
  // After the first tenth, so that a duplicate has an earlier name to repeat.
  const odd = oddPositions(count, random);

  for (let position = 0; position < count; position++) {
    const joinedMs = SAMPLE_START_MS + Math.floor((position / count) * span) + random.integer(0, 3_600_000);
    const type = position % 300 === 0 ? 'ADMIN' : random.chance(0.715) ? 'INFLUENCER' : 'BUSINESS';
    const draft: UserDraft = {
      type,
      status: random.chance(0.96) ? 'ACTIVE' : random.pick(['INACTIVE', 'SUSPENDED']),
      name: personName(random),
      profileName: uniqueName(taken, () => (type === 'BUSINESS' ? companyName(random) : channelName(random))),
    };
    const oddity = odd.get(position);
    // An ADMIN stays ordinary: campaigns are given to ADMINs on purpose elsewhere.
    if (oddity !== undefined && type !== 'ADMIN') oddity(draft, random, names);

    const id = identity.at(joinedMs);
    const changedMs = Math.min(SAMPLE_NOW_MS, joinedMs + random.integer(0, 300 * DAY_MS));
    const dates = { created_at: timestamp(joinedMs), updated_at: timestamp(changedMs) };
    users.push({
      id,
      email: `${id.slice(1, 9)}.${position}@${random.pick(['example.com', 'example.kr'])}`,
      password_hash: `$2b$10$sample.${id}`,
      name: draft.name,
      type: draft.type,
      status: draft.status,
      last_login_at: random.chance(0.9) ? timestamp(changedMs) : null,
      ...dates,
    });

    const hasProfile = oddity !== undefined || (type !== 'ADMIN' && random.chance(0.95));
    if (hasProfile && type !== 'ADMIN') {
      if (oddity === undefined && draft.profileName !== null) names.push(draft.profileName);
      profiles.push({
        id: identity.at(joinedMs),
        user_id: id,
        name: draft.profileName,
        bio: random.chance(0.85) ? paragraph(random, 3) : null,
        profile_image: random.chance(0.7) ? `https://images.example.com/profiles/${id}.webp` : null,
        ...dates,
      });
    }
    if (type === 'BUSINESS' && random.chance(0.97)) {
      businessProfiles.push({
        id: identity.at(joinedMs),
        user_id: id,
        company_name: draft.profileName,
        company_intro: random.chance(0.8) ? paragraph(random, 4) : null,
        // 000 as tax office: no such business number is ever given out.
        business_number: `000-${random.integer(10, 99)}-${String(position).padStart(5, '0')}`,
        website: random.chance(0.6) ? `https://shop${position}.example.kr` : null,
        ...dates,
      });
    }
  }
  return { users, profiles, business_profiles: businessProfiles };
}

function oddPositions(count: number, random: Random): ReadonlyMap<number, Oddity> {
  const later = Array.from({ length: Math.floor(count * 0.9) }, (_, index) => Math.ceil(count * 0.1) + index).filter((at) => at < count);
  const positions = random.sample(later, Math.round(count * ODD_SHARE)).sort((a, b) => a - b);
  return new Map(positions.map((position, index) => [position, ODDITIES[index % ODDITIES.length] as Oddity]));
}

/** A name whose handle (lower case, no spaces) nobody has yet. */
function uniqueName(taken: Set<string>, make: () => string): string {
  for (let attempt = 0; ; attempt++) {
    const name = attempt < 20 ? make() : `${make()} ${taken.size}`;
    const handle = name.toLowerCase().replaceAll(' ', '');
    if (taken.has(handle)) continue;
    taken.add(handle);
    return name;
  }
}
