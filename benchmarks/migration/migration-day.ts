import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { CopyEntityDependencies } from '../../lambdas/migration/copy-entity.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { dailySteps } from '../../test/support/daily-steps.ts';
import { type StepCall, walkDaily } from '../../test/support/daily-walk.ts';
import { connectDataApi, type DataApiTarget } from './data-api-endpoint.ts';

/** What the process of the steps is asked to do. */
export interface DayRequest {
  readonly target: DataApiTarget;
  readonly entities: readonly string[];
  readonly settings: z.input<typeof Settings>;
  readonly verify: boolean;
}

/** Of the process that runs the steps, when so many rows were copied. */
export interface MemorySample {
  readonly rows: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
}

export interface Day {
  readonly rows: number;
  /** Of the copy steps alone. */
  readonly copyMs: number;
  /** Of verification alone. */
  readonly verifyMs: number;
  readonly batches: number;
  readonly largestBatchRows: number;
  readonly slowestBatchMs: number;
  readonly copyInvocations: number;
  readonly stateTransitions: number;
  /** In the execution's history. */
  readonly historyEvents: number;
  /** Of what a step was given or answered, the report included. */
  readonly largestStateBytes: number;
  readonly memory: readonly MemorySample[];
}

const LAMBDA_MS = 900_000;

/** Events that a state of this type leaves in the history when nothing fails: entered and exited; of a task also scheduled, started, succeeded. */
const EVENTS = { Task: 5, Choice: 2, Fail: 1 };

/**
 * One execution of daily-migration over the entities named, from opening the run to closing it. Each invocation has a Lambda's time. Without `verify` the step
 * that verifies is passed by.
 */
export async function runDay({ target, entities, settings: document, verify }: DayRequest): Promise<Day> {
  const db = connectDataApi(target);
  const settings = Settings.parse(document);
  const memory: MemorySample[] = [];
  let rows = 0;
  let copyMs = 0;
  let verifyMs = 0;
  let copyInvocations = 0;
  let batches = 0;
  let largestBatchRows = 0;
  let slowestBatchMs = 0;
  let largestStateBytes = 0;
  let stateTransitions = 0;
  let historyEvents = 2; // ExecutionStarted, ExecutionSucceeded

  const onBatch: CopyEntityDependencies['onBatch'] = (_entity, batch, tookMs) => {
    rows += batch.completed + batch.quarantined;
    batches += 1;
    largestBatchRows = Math.max(largestBatchRows, batch.completed + batch.quarantined);
    slowestBatchMs = Math.max(slowestBatchMs, tookMs);
    const { rss, heapUsed } = process.memoryUsage();
    memory.push({ rows, rssBytes: rss, heapUsedBytes: heapUsed });
  };
  const invoke = async ({ step, payload }: StepCall): Promise<unknown> => {
    if (step === 'VerifyEntity' && !verify) return { ...payload, continue: false, repaired: false };
    const input = step === 'VerifyEntity' ? { toVerify: entities, ...payload } : payload;
    const steps = dailySteps({ db, settings, timeLeftMs: lambdaTime(), onBatch });
    const elapsed = stopwatch();
    const answer = await steps[step](input);
    if (step === 'VerifyEntity') verifyMs += elapsed();
    if (step === 'CopyEntity') {
      copyMs += elapsed();
      copyInvocations += 1;
    }
    if ('pause' in answer && answer.pause !== null) throw new Error(`the run paused: ${answer.pause.reason}`);
    const output = step === 'OpenRun' ? { ...answer, entities } : answer;
    for (const state of [input, output]) largestStateBytes = Math.max(largestStateBytes, Buffer.byteLength(JSON.stringify(state)));
    return output;
  };
  const onState = (type: keyof typeof EVENTS) => {
    stateTransitions += 1;
    historyEvents += EVENTS[type];
  };

  const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${randomUUID()}`;
  await walkDaily({ runDate: '2026-11-23' }, { executionArn, invoke, onState });
  return {
    rows,
    copyMs,
    verifyMs,
    batches,
    largestBatchRows,
    slowestBatchMs,
    copyInvocations,
    stateTransitions,
    historyEvents,
    largestStateBytes,
    memory,
  };
}

function lambdaTime(): () => number {
  const elapsed = stopwatch();
  return () => LAMBDA_MS - elapsed();
}

function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => performance.now() - startedMs;
}
