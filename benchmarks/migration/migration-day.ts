import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { type CopyEntityInput, copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { openRun } from '../../lambdas/migration/open-run.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { type VerifyEntityInput, verifyEntity } from '../../lambdas/migration/verify-entity.ts';
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
  readonly runId: string;
  readonly rows: number;
  readonly openMs: number;
  readonly copyMs: number;
  readonly verifyMs: number;
  readonly batches: number;
  readonly largestBatchRows: number;
  readonly slowestBatchMs: number;
  readonly copyInvocations: number;
  readonly verifyInvocations: number;
  /** Of what a step was given or answered: the execution's state. */
  readonly largestStateBytes: number;
  readonly memory: readonly MemorySample[];
}

const LAMBDA_MS = 900_000;
const NOW = new Date('2026-11-23T00:00:00Z');

/** One execution of daily-migration over the entities named, as its state machine would: every invocation has a Lambda's time. */
export async function runDay({ target, entities, settings: document, verify }: DayRequest): Promise<Day> {
  const db = connectDataApi(target);
  const settings = Settings.parse(document);
  const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${randomUUID()}`;
  const memory: MemorySample[] = [];
  let rows = 0;
  let batches = 0;
  let largestBatchRows = 0;
  let slowestBatchMs = 0;
  let largestStateBytes = 0;
  const state = <T>(value: T): T => {
    largestStateBytes = Math.max(largestStateBytes, Buffer.byteLength(JSON.stringify(value)));
    return value;
  };

  const opening = stopwatch();
  const now = () => NOW;
  const opened = state(
    await openRun({ executionArn, request: { runDate: '2026-11-23' } }, { db, settings, isRunning: async () => false, now }),
  );
  await catchUp({ runId: opened.runId }, { db, settings, timeLeftMs: lambdaTime() });
  const openMs = opening();

  const copying = stopwatch();
  let copyInvocations = 0;
  let copied: CopyEntityInput & { continue: boolean } = { ...opened, entities: [...entities] };
  while (copied.continue && copied.entities.length > 0) {
    copyInvocations += 1;
    const output = await copyEntity(copied, {
      db,
      settings,
      timeLeftMs: lambdaTime(),
      now,
      newBatchKey: randomUUID,
      onBatch: (_entity, batch, tookMs) => {
        rows += batch.completed + batch.quarantined;
        batches += 1;
        largestBatchRows = Math.max(largestBatchRows, batch.completed + batch.quarantined);
        slowestBatchMs = Math.max(slowestBatchMs, tookMs);
        const { rss, heapUsed } = process.memoryUsage();
        memory.push({ rows, rssBytes: rss, heapUsedBytes: heapUsed });
      },
    });
    copied = state({ ...copied, ...output, entities: [...output.entities] });
    if (output.pause !== null) throw new Error(`the run paused: ${output.pause.reason}`);
  }
  const copyMs = copying();

  const verifying = stopwatch();
  let verifyInvocations = 0;
  let verified: VerifyEntityInput & { continue: boolean } = { ...copied, toVerify: [...entities], continue: verify };
  while (verified.continue) {
    verifyInvocations += 1;
    const { toVerify, ...output } = await verifyEntity(verified, { db, timeLeftMs: lambdaTime() });
    verified = state({ ...verified, ...output, toVerify: [...(toVerify ?? [])] });
  }
  const verifyMs = verifying();

  await db.query(`update video_platform.migration_run set status = 'completed', finished_at = now() where id = :id::uuid`, {
    id: opened.runId,
  });
  return {
    runId: opened.runId,
    rows,
    openMs,
    copyMs,
    verifyMs,
    batches,
    largestBatchRows,
    slowestBatchMs,
    copyInvocations,
    verifyInvocations,
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
