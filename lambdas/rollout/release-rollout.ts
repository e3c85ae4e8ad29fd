import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { abandonRollout } from './abandon-rollout.ts';
import type { HostedProfiles } from './hosted-profiles.ts';
import { readEnd, readOpened, TAKEN_OVER } from './rollout-history.ts';
import { type RolloutMessage, rolloutMessage } from './rollout-message.ts';

/** EventBridge's `Step Functions Execution Status Change`. */
export const ReleaseRolloutInput = z.looseObject({
  detail: z.looseObject({ executionArn: z.string().startsWith('arn:'), status: z.string(), cause: z.string().nullish() }),
});
export type ReleaseRolloutInput = z.output<typeof ReleaseRolloutInput>;

export interface ReleaseRolloutDependencies {
  readonly db: DataApi;
  readonly hosted: HostedProfiles;
  readonly tellHotline: (message: RolloutMessage) => Promise<void>;
}

/**
 * Takes back what an execution left under way that was stopped or timed out: AppConfig would go on deploying by itself. One that has closed its
 * rollout left nothing. Safe to repeat: the hotline is told twice rather than never, also where the next rollout has been faster.
 */
export async function releaseRollout(
  { detail: { executionArn, status, cause } }: ReleaseRolloutInput,
  { db, hosted, tellHotline }: ReleaseRolloutDependencies,
): Promise<{ readonly released: boolean }> {
  const opened = await readOpened(db, executionArn);
  if (opened === undefined) {
    const end = await readEnd(db, executionArn);
    if (end?.reason?.startsWith(TAKEN_OVER)) await tellHotline(rolloutMessage(end));
    return { released: false };
  }
  const why = cause == null || cause === '' ? '' : ` (${cause})`;
  await abandonRollout(opened, `the execution ended as ${status}${why} with the rollout open`, { db, hosted, tell: tellHotline });
  return { released: true };
}
