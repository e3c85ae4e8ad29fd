import { type AwkwardCounts, countAwkward } from './awkward.ts';
import { generateCampaigns } from './generate-campaigns.ts';
import { generateApplications, generateSaves } from './generate-engagement.ts';
import { generateUsers } from './generate-users.ts';
import { Identity } from './identity.ts';
import { Random } from './random.ts';
import type { LegacyRows } from './rows.ts';

export interface LegacySample extends LegacyRows {
  readonly awkward: AwkwardCounts;
}

export interface SampleOptions {
  readonly seed: number;
  /** @default 3_000 */
  readonly users?: number;
  /** @default 5_000 */
  readonly campaigns?: number;
}

/** The seed of `npm start` and `print-sample`. */
export const DEFAULT_SEED = 20_260_701;

/**
 * A LinkPick database's worth of invented rows: Korean names and text from word lists, no real person or address, the same for the same seed on every
 * machine and day. Two to three in a hundred users and campaigns are awkward in one of the ways that `AwkwardCounts` names.
 */
export function generateSample({ seed, users = 3_000, campaigns = 5_000 }: SampleOptions): LegacySample {
  const random = new Random(seed);
  const identity = new Identity(random);
  const people = generateUsers(users, random, identity);
  const made = generateCampaigns(campaigns, people, random, identity);
  const rows: LegacyRows = {
    ...people,
    campaigns: made,
    campaign_applications: generateApplications(made, people.users, random, identity),
    saved_campaigns: generateSaves(made, people.users, random, identity),
  };
  return { ...rows, awkward: countAwkward(rows) };
}
