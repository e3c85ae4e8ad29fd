import type { DailySteps } from '../support/daily-steps.ts';
import { ExecutionDiedError, retriesAfter, type StepCall, walkDaily } from '../support/daily-walk.ts';
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
  record(state: string, error: unknown): void;
  count(what: string): void;
}

/** The execution's input. */
export interface DailyRequest {
  readonly runDate: string;
  readonly dailyLimit: number;
}

/** Runs daily-migration. Rejects with ExecutionDiedError when nobody is left to close its run. */
export async function execute(name: string, request: DailyRequest, cloud: Cloud): Promise<void> {
  const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${name}`;
  const execution = new Execution(name, executionArn, cloud);
  cloud.alive.add(executionArn);
  try {
    await walkDaily(request, { executionArn, invoke: (call) => execution.invoke(call) });
  } catch (error) {
    // That a step has failed is on record; what the walk says of the definition is not.
    if (error instanceof ExecutionDiedError || error !== execution.failure) throw error;
  } finally {
    cloud.alive.delete(executionArn);
  }
}

class Execution {
  readonly #name: string;
  readonly #arn: string;
  readonly #cloud: Cloud;
  #invocations = 0;
  /** What a state has failed with last. */
  failure: unknown;

  constructor(name: string, arn: string, cloud: Cloud) {
    this.#name = name;
    this.#arn = arn;
    this.#cloud = cloud;
  }

  /** One state's call, with as many attempts as its definition gives it. */
  async invoke({ state, step, payload, retry }: StepCall): Promise<unknown> {
    const { random } = this.#cloud;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(state, (steps) => steps[step](payload));
      } catch (error) {
        if (error instanceof ExecutionDiedError) throw error;
        if (attempt >= retriesAfter(error, retry)) {
          this.failure = error;
          throw error;
        }
        if ((error as Error).name === 'KilledError' && random.chance(0.35)) throw new ExecutionDiedError(state);
      }
    }
  }

  #attempt(state: string, work: Work): Promise<unknown> {
    const cloud = this.#cloud;
    this.#invocations += 1;
    const invocation = new Invocation(`${this.#name}.${this.#invocations}`, state, this.#arn);
    let repeats = 0;
    invocation.repeat = () => {
      cloud.count('duplicate invocation');
      repeats += 1;
      invoke(new Invocation(`${invocation.id}d${repeats}`, state, this.#arn), work, cloud).catch(() => {});
    };
    const working = invoke(invocation, work, cloud);
    // The same event delivered twice: both are at work, one answer counts.
    if (cloud.random.chance(0.06)) invocation.repeat();
    return Promise.race([working, invocation.abandoned]);
  }
}

type Work = (steps: DailySteps) => Promise<unknown>;

/** The invocation is an actor of its own: it goes on when its caller has given up. */
export function invoke(invocation: Invocation, work: Work, cloud: Cloud): Promise<unknown> {
  return new Promise((resolve, reject) => {
    cloud.scheduler.spawn(invocation.id, async () => {
      try {
        resolve(await work(cloud.steps(invocation)));
        cloud.record(invocation.state, undefined);
      } catch (error) {
        reject(error);
        cloud.record(invocation.state, error);
      }
    });
  });
}
