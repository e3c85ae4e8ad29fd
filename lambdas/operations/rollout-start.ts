import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { DataApi } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { RolloutInProgressError, UnknownPhaseError } from '../rollout/errors.ts';
import { phaseOf } from '../rollout/phase-order.ts';
import { RolloutRequest } from '../rollout/request.ts';
import { runningRollout } from '../rollout/rollout-history.ts';
import { RefusedRequestError } from './errors.ts';

/** As the state machine takes it; whether it is a dry run has to be said. */
export const StartRolloutInput = RolloutRequest.extend({
  percent: RolloutRequest.shape.percent.unwrap(),
  dryRun: RolloutRequest.shape.dryRun.unwrap(),
});
export type StartRolloutInput = RolloutRequest;

export interface RolloutStarted {
  /** The execution's name. */
  readonly execution: string;
}

export interface StartRolloutDependencies {
  readonly db: DataApi;
  readonly sfn: Pick<SFNClient, 'send'>;
  readonly stateMachineArn: string;
  readonly isRunning: IsExecutionRunning;
  readonly now: () => Date;
}

/**
 * Starts a rollout, or its dry run; order and gates are the machine's to judge. A rollout's name is that of its minute: pressed twice, or sent
 * twice, it is one execution. A dry run changes nothing, so that each is one of its own.
 * @throws {RefusedRequestError} 409 while a rollout is at work; of two that start at once the machine lets one through
 */
export async function startRollout(input: StartRolloutInput, dependencies: StartRolloutDependencies): Promise<RolloutStarted> {
  checkPhase(input.phase);
  if (!input.dryRun) await refuseWhileAtWork(dependencies);
  const { sfn, stateMachineArn, now } = dependencies;
  const execution = nameOf(input, now());
  try {
    await sfn.send(new StartExecutionCommand({ stateMachineArn, name: execution, input: JSON.stringify(input) }));
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists)
      throw new RefusedRequestError(409, 'a rollout like this was started in this minute and has ended; try again in the next');
    throw error;
  }
  return { execution };
}

function nameOf({ phase, percent, dryRun }: StartRolloutInput, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:.Z]/g, '');
  return dryRun ? `dry-run-${phase}-${time}` : `rollout-${phase}-${percent}-${time.slice(0, 13)}`;
}

function checkPhase(phase: string): void {
  try {
    phaseOf(phase);
  } catch (error) {
    if (error instanceof UnknownPhaseError) throw new RefusedRequestError(400, `${error.name}: ${error.message}`);
    throw error;
  }
}

/** A rollout whose execution is gone keeps nobody waiting: the next takes over from it. */
async function refuseWhileAtWork({ db, isRunning }: StartRolloutDependencies): Promise<void> {
  const running = await runningRollout(db);
  if (running === undefined || !(await isRunning(running.executionArn))) return;
  const { name, message } = new RolloutInProgressError(`the rollout of phase ${running.phase}`);
  throw new RefusedRequestError(409, `${name}: ${message}`);
}
