import type { DataApi } from '../data-api/data-api.ts';
import type { HostedProfiles } from './hosted-profiles.ts';
import { endRollout, type OpenRollout } from './rollout-history.ts';

/**
 * Ends a rollout whose execution is gone. AppConfig would go on with its deployment by itself, so that is taken back first. Safe to repeat.
 * Answers the number of the deployment that was stopped; null when there was none under way.
 */
export async function abandonRollout(
  { id }: Pick<OpenRollout, 'id'>,
  reason: string,
  { db, hosted }: { readonly db: DataApi; readonly hosted: HostedProfiles },
): Promise<number | null> {
  const deploymentNumber = (await hosted.stop(id)) ?? null;
  const status = deploymentNumber === null ? 'failed' : 'rolled_back';
  await endRollout(db, id, { status, reason, deploymentNumber });
  return deploymentNumber;
}
