import type { CopyEntityOutput } from '../../lambdas/migration/copy-entity.ts';
import type { OpenRunOutput } from '../../lambdas/migration/open-run.ts';
import type { DailySteps } from '../support/daily-steps.ts';
import { Invocation } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What executions share: who is alive, and how an invocation gets its steps. */
export interface Cloud {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Executions that Step Functions says are running. */
  readonly alive: Set<string>;
  steps(invocation: Invocation): DailySteps;
  /** Every outcome of a step, for the checks and the counts. */
  record(step: string, error: unknown): void;
  count(what: string): void;
}

/** The execution was stopped, or its worker died for good: nobody closes its run. */
export class ExecutionDiedError extends Error {
  override readonly name = 'ExecutionDiedError';
}

/** Named errors are not retried, as in daily-migration.asl.json. */
const FINAL = [
  'RunInProgressError',
  'RunClosedError',
  'SchemaNotReadyError',
  'LeaseLostError',
  'ExecutionDiedError',
  'CaptureNotWorkingError',
];
const ATTEMPTS = 5;

/** The execution's input. */
export interface DailyRequest {
  readonly runDate: string;
  readonly dailyLimit: number;
}

/** Plays daily-migration for one date: open, catch up, copy while there are rows and quota, catch up, verify, close; with its retries and its catch. */
export async function execute(name: string, request: DailyRequest, cloud: Cloud): Promise<void> {
  const arn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${name}`;
  const { random, alive } = cloud;
  alive.add(arn);
  let invocations = 0;
  const step = async <T>(label: string, work: (steps: DailySteps) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      invocations += 1;
      const invocation = new Invocation(`${name}.${invocations}`, arn);
      let repeats = 0;
      invocation.repeat = () => {
        cloud.count('duplicate invocation');
        repeats += 1;
        invoke(new Invocation(`${invocation.id}d${repeats}`, arn), label, work, cloud).catch(() => {});
      };
      const working = invoke(invocation, label, work, cloud);
      // The same event delivered twice: both are at work, one answer counts.
      if (random.chance(0.06)) invocation.repeat();
      try {
        return await Promise.race([working, invocation.abandoned]);
      } catch (error) {
        if (FINAL.includes((error as Error).name) || attempt === ATTEMPTS) throw error;
        if ((error as Error).name === 'KilledError' && random.chance(0.35)) throw new ExecutionDiedError(label);
      }
    }
  };
  try {
    let state: OpenRunOutput | CopyEntityOutput = await step('open', (steps) => steps.OpenRun({ executionArn: arn, request }));
    const { runId, runDate } = state;
    await step('catch up', (steps) => steps.CatchUp({ runId }));
    while (state.continue) state = await step('copy', (steps) => steps.CopyEntity(state));
    if (random.chance(0.3)) await step('catch up', (steps) => steps.CatchUp({ runId }));
    if (random.chance(0.15)) await step('verify', (steps) => steps.VerifyEntity({ runId, runDate }));
    await step('close', (steps) => steps.CloseRun({ executionArn: arn }));
  } catch (error) {
    if (error instanceof ExecutionDiedError) throw error;
    const { name, message } = error as Error;
    await step('record failure', (steps) => steps.CloseRun({ executionArn: arn, error: { Error: name, Cause: message } })).catch(() => {});
  } finally {
    alive.delete(arn);
  }
}

/** The invocation is an actor of its own: it goes on when its caller has given up. */
export function invoke<T>(invocation: Invocation, label: string, work: (steps: DailySteps) => Promise<T>, cloud: Cloud): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    cloud.scheduler.spawn(invocation.id, async () => {
      try {
        resolve(await work(cloud.steps(invocation)));
        cloud.record(label, undefined);
      } catch (error) {
        reject(error);
        cloud.record(label, error);
      }
    });
  });
}
