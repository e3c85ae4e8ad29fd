import type { DataApi } from '../data-api/data-api.ts';
import type { HostedProfiles } from './hosted-profiles.ts';
import { FLAGS_PROFILE } from './profile-paths.ts';
import { endRollout, type OpenRollout } from './rollout-history.ts';
import { type RolloutMessage, rolloutMessage } from './rollout-message.ts';

export interface AbandonDependencies {
  readonly db: DataApi;
  readonly hosted: HostedProfiles;
  /** Told how it ends before the record is closed: where that fails, a repeated call finds the rollout open and says it. */
  readonly tell?: (message: RolloutMessage) => Promise<void>;
}

/**
 * Ends a rollout whose execution is gone. AppConfig would go on with its deployment by itself, so that is taken back first. Flags that are deployed
 * stay; then it has failed. Safe to repeat.
 */
export async function abandonRollout(rollout: OpenRollout, reason: string, { db, hosted, tell }: AbandonDependencies): Promise<void> {
  const back = await hosted.stop(rollout.id);
  const end = {
    status: back?.profile === FLAGS_PROFILE ? 'rolled_back' : 'failed',
    reason: back === undefined ? reason : `${reason}; deployment ${back.number} of ${back.profile} was taken back`,
    deploymentNumber: back?.number ?? null,
  } as const;
  await tell?.(rolloutMessage({ ...rollout, ...end }));
  await endRollout(db, rollout.id, end);
}
