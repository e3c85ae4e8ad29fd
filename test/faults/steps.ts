import type { S3Client } from '@aws-sdk/client-s3';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { closeRun } from '../../lambdas/migration/close-run.ts';
import { type CopyEntityOutput, copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { type OpenRunOutput, openRun } from '../../lambdas/migration/open-run.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import type { Random } from './random.ts';

/** What a state machine carries from step to step. */
export type State = Pick<OpenRunOutput & CopyEntityOutput, 'runId' | 'runDate' | 'entities' | 'remaining' | 'continue'>;

export interface Setup {
  readonly batchRows: number;
  readonly dailyLimit: number;
  readonly chunkRows: number;
}

/** The real steps, given what a Lambda's entry would give them. */
export class Steps {
  readonly #db: DataApi;
  readonly #settings: Settings;
  readonly #setup: Setup;
  readonly #random: Random;

  /** `random` makes the batch keys. */
  constructor(db: DataApi, setup: Setup, random: Random) {
    this.#db = db;
    this.#setup = setup;
    this.#random = random;
    const { batchRows, dailyLimit } = setup;
    // The longest target, so that no clock has a part in how batches grow; no budgets, since rows are bad on purpose.
    this.#settings = Settings.parse({ batchRows, dailyLimit, maxBatchRows: batchRows, statementTargetMs: 20_000, budgets: {} });
  }

  open(executionArn: string, runDate: string, isRunning: (executionArn: string) => Promise<boolean>): Promise<OpenRunOutput> {
    const { dailyLimit } = this.#setup;
    return openRun({ executionArn, request: { runDate, dailyLimit } }, { db: this.#db, settings: this.#settings, isRunning, now: NOW });
  }

  catchUp(runId?: string) {
    return catchUp({ runId }, { db: this.#db, settings: this.#settings, timeLeftMs });
  }

  copy(state: State): Promise<CopyEntityOutput> {
    const input = { ...state, entities: [...state.entities] };
    return copyEntity(input, { db: this.#db, settings: this.#settings, timeLeftMs, now: NOW, newBatchKey: () => this.#random.uuid() });
  }

  /** `pass` counts up from 1 within a run. `recompute` compares the values of every row. */
  verify({ runId, runDate }: State, pass = 1, recompute = false) {
    return verifyEntity({ runId, runDate, pass, recompute }, { db: this.#db, timeLeftMs, chunkRows: this.#setup.chunkRows });
  }

  close(executionArn: string, error?: { Error: string; Cause: string }) {
    return closeRun({ executionArn, error }, { db: this.#db, s3: S3, reportBucket: 'reports', announce: async () => {} });
  }
}

const NOW = () => new Date('2026-11-23T00:00:00Z');
const timeLeftMs = () => 900_000;
/** Takes every report. */
const S3 = { send: async () => ({}) } as unknown as S3Client;
