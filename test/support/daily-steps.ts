import { randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import type { IsExecutionRunning } from '../../lambdas/execution-status.ts';
import { CatchUpInput, catchUp } from '../../lambdas/migration/catch-up.ts';
import { CloseRunInput, closeRun } from '../../lambdas/migration/close-run.ts';
import { type CopyEntityDependencies, CopyEntityInput, copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { OpenRunInput, openRun } from '../../lambdas/migration/open-run.ts';
import type { Settings } from '../../lambdas/migration/settings.ts';
import { VerifyEntityInput, verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { parseInput } from '../../lambdas/step.ts';

/** The clock of the steps: 2026-11-23 in Asia/Seoul, too. */
export const NOW = () => new Date('2026-11-23T00:00:00Z');
/** A Lambda's whole time, which never runs out. */
export const timeLeftMs = () => 900_000;

/** Takes every report. */
const reports = { send: async () => ({}) } as unknown as S3Client;

/** What the Lambdas' entries give to the steps of daily-migration. */
export interface DailyDependencies {
  readonly db: DataApi;
  readonly settings: Settings;
  /** @default nobody is at work */
  readonly isRunning?: IsExecutionRunning;
  /** @default `NOW` */
  readonly now?: () => Date;
  /** @default a Lambda's whole time, which never runs out */
  readonly timeLeftMs?: () => number;
  /** @default a random UUID */
  readonly newBatchKey?: () => string;
  readonly onBatch?: CopyEntityDependencies['onBatch'];
  /** Legacy rows of verification's first chunk. @default verification's own */
  readonly chunkRows?: number;
  /** Where reports go. @default nowhere */
  readonly s3?: S3Client;
}

/**
 * The real steps of daily-migration without their Lambdas: payload in, output out. A step is called what the definition calls it: `CopyEntity` for
 * `${CopyEntityFunctionArn}`. Each rejects with InvalidInputError when its payload does not fit.
 */
export function dailySteps(dependencies: DailyDependencies) {
  const given = { isRunning: async () => false, now: NOW, timeLeftMs, newBatchKey: randomUUID, s3: reports, ...dependencies };
  const { db, settings, s3 } = given;
  return {
    OpenRun: (payload: unknown) => openRun(parseInput(OpenRunInput, payload), given),
    // Without `now`, as its entry: the clock of the machine.
    CatchUp: (payload: unknown) => catchUp(parseInput(CatchUpInput, payload), { db, settings, timeLeftMs: given.timeLeftMs }),
    CopyEntity: (payload: unknown) => copyEntity(parseInput(CopyEntityInput, payload), given),
    VerifyEntity: (payload: unknown) => verifyEntity(parseInput(VerifyEntityInput, payload), given),
    CloseRun: (payload: unknown) =>
      closeRun(parseInput(CloseRunInput, payload), { db, s3, reportBucket: 'reports', announce: async () => {} }),
  };
}
export type DailySteps = ReturnType<typeof dailySteps>;
