import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { abandonRollout } from './abandon-rollout.ts';
import { RolloutInProgressError } from './errors.ts';
import type { HostedProfiles } from './hosted-profiles.ts';
import { checkOrder, phaseOf } from './phase-order.ts';
import { type Profiles, readDeployed } from './read-deployed.ts';
import { type Rollout, RolloutRequest } from './request.ts';
import { openRollout, recordRefusal, runningRollout, TAKEN_OVER } from './rollout-history.ts';

export const OpenRolloutInput = z.object({ executionArn: z.string().startsWith('arn:'), request: RolloutRequest });
export type OpenRolloutInput = z.output<typeof OpenRolloutInput>;

export interface OpenRolloutDependencies {
  readonly db: DataApi;
  readonly hosted: HostedProfiles;
  readonly profiles: Profiles;
  readonly isRunning: IsExecutionRunning;
  readonly pollSeconds: number;
}

/**
 * Lets a rollout begin: its phase is known and has its turn, and nothing else is at work. What is refused stays on record, with why; a dry run
 * leaves none. A repeated call finds the rollout it opened. @throws {UnknownPhaseError} @throws {SkippedPhaseError} @throws {PhaseAlreadyOnError}
 * @throws {RolloutInProgressError} a rollout whose execution has ended is taken over, its deployment stopped
 * @throws {ExecutionNotKnownYetError} when it is too early to say whether that execution lives
 */
export async function beginRollout({ executionArn, request }: OpenRolloutInput, dependencies: OpenRolloutDependencies): Promise<Rollout> {
  const { db, hosted, profiles, pollSeconds } = dependencies;
  const phase = phaseOf(request.phase);
  if (request.dryRun) {
    checkOrder(phase, request, await readDeployed(hosted, profiles));
    return { id: null, ...request, pollSeconds };
  }
  const { percent } = request;
  try {
    await releaseDeadRollout(executionArn, dependencies);
    const id = await openRollout(db, { executionArn, phase: phase.id, percent });
    const busy = await hosted.busyWith();
    if (busy !== undefined) throw new RolloutInProgressError(busy);
    checkOrder(phase, request, await readDeployed(hosted, profiles));
    return { id, ...request, pollSeconds };
  } catch (error) {
    if (isRefusal(error)) await recordRefusal(db, { executionArn, phase: phase.id, percent, reason: `${error.name}: ${error.message}` });
    throw error;
  }
}

const REFUSALS = ['SkippedPhaseError', 'PhaseAlreadyOnError', 'RolloutInProgressError', 'FlagsRefusedError'];

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && REFUSALS.includes(error.name);
}

async function releaseDeadRollout(executionArn: string, { db, hosted, isRunning }: OpenRolloutDependencies): Promise<void> {
  const running = await runningRollout(db);
  if (running === undefined || running.executionArn === executionArn) return;
  if (await isRunning(running.executionArn, running.heldSeconds))
    throw new RolloutInProgressError(`the rollout of phase ${running.phase} (${running.executionArn})`);
  await abandonRollout(running, TAKEN_OVER, { db, hosted });
}
