import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import type { HostedProfiles } from './hosted-profiles.ts';
import type { Profiles } from './read-deployed.ts';
import { recordVersion } from './rollout-history.ts';

export const StoreVersionInput = z.object({
  rolloutId: z.uuid(),
  profile: z.enum(['flags', 'notices']),
  text: z.string().min(2),
  after: z.number().int().min(0),
});
export type StoreVersionInput = z.output<typeof StoreVersionInput>;

export interface StoreVersionOutput {
  /** As StartDeployment takes it. */
  readonly version: string;
}

/** Stores a planned document at AppConfig, under the rollout's id as its label: a repeated call finds it. @throws {FlagsRefusedError} @throws {VersionConflictError} */
export async function storeVersion(
  { rolloutId, profile, text, after }: StoreVersionInput,
  { db, hosted, profiles }: { readonly db: DataApi; readonly hosted: HostedProfiles; readonly profiles: Profiles },
): Promise<StoreVersionOutput> {
  const version = await hosted.store(profiles[profile], { text, label: rolloutId, after });
  await recordVersion(db, rolloutId, profile, version);
  return { version: String(version) };
}
