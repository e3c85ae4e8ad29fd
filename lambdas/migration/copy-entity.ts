import { z } from 'zod';
import { type DataApi, type Row, sqlStateOf } from '../data-api/data-api.ts';
import { compileCopy, compileNextKey, compileSetAside } from './compile/copy.ts';
import type { Entity, ReasonClass } from './entities/entity.ts';
import { entityNamed } from './entities/index.ts';
import { LeaseLostError } from './errors.ts';

/** Extra members are carried on: the state machine loops over its own state. */
export const CopyEntityInput = z.looseObject({
  runId: z.uuid(),
  runDate: z.iso.date(),
  /** What is still to be copied; this step copies the first. */
  entities: z.array(z.string()).min(1),
  remaining: z.number().int().min(0),
});
export type CopyEntityInput = z.output<typeof CopyEntityInput>;

export interface CopyEntityOutput {
  readonly runId: string;
  readonly runDate: string;
  readonly entities: readonly string[];
  readonly remaining: number;
  readonly continue: boolean;
}

export interface CopyEntityDependencies {
  readonly db: DataApi;
  readonly batchRows: number;
  readonly timeLeftMs: () => number;
}

/** Time kept back: a statement may take 45 s, and the answer has to be returned. */
const MARGIN_MS = 60_000;

/** Copies batches of the first entity until its rows, the day's quota or the time end. Safe to repeat: rows and cursor commit together. */
export async function copyEntity(input: CopyEntityInput, { db, batchRows, timeLeftMs }: CopyEntityDependencies): Promise<CopyEntityOutput> {
  const [name = '', ...later] = input.entities;
  const entity = entityNamed(name);
  const copy = batchCopier(entity, input.runId, db);
  let { remaining } = input;
  let exhausted = false;
  let limit = batchRows;
  while (remaining > 0 && !exhausted && timeLeftMs() > MARGIN_MS) {
    const batch = await copy(limit);
    // Halved after a failure, doubled after a success: k bad rows in a batch of N cost about k·log₂N statements.
    limit = batch === 'refused' ? Math.max(1, Math.floor(limit / 2)) : Math.min(batchRows, limit * 2);
    if (batch !== 'refused') ({ remaining, exhausted } = batch);
  }
  const entities = exhausted ? later : input.entities;
  return { runId: input.runId, runDate: input.runDate, entities, remaining, continue: entities.length > 0 && remaining > 0 };
}

interface Batch extends Row {
  readonly leased: boolean;
  readonly completed: number;
  readonly quarantined: number;
  readonly exhausted: boolean;
  readonly remaining: number;
}

/** A function that copies up to `limit` rows, or answers 'refused' when the database refused one row among several. */
function batchCopier(entity: Entity, runId: string, db: DataApi): (limit: number) => Promise<Batch | 'refused'> {
  const statements = { copy: compileCopy(entity), setAside: compileSetAside(entity), nextKey: compileNextKey(entity) };
  const run = async (sql: string, limit: number, only: string | null, more: Readonly<Record<string, string>> = {}): Promise<Batch> => {
    const [batch] = await db.query<Batch>(sql, { run: runId, limit, only, ...more });
    if (batch?.leased !== true) throw new LeaseLostError(runId);
    return batch;
  };
  return async (limit) => {
    if (limit > 1) {
      try {
        return await run(statements.copy, limit, null);
      } catch (error) {
        if (refusalOf(error) === undefined) throw error;
        return 'refused';
      }
    }
    const [next] = await db.query<{ key: string }>(statements.nextKey);
    // No row left: an ordinary batch says so and marks the cursor exhausted.
    if (next === undefined) return run(statements.copy, limit, null);
    try {
      return await run(statements.copy, 1, next.key);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return run(statements.setAside, 1, next.key, { reason: JSON.stringify(refusal) });
    }
  };
}

interface Refusal {
  readonly class: ReasonClass;
  readonly sqlState: string;
  readonly message: string;
}

/** Why the database refuses a row: class 22 (data exception) or 23 (constraint). Anything else is no fault of a row. */
function refusalOf(error: unknown): Refusal | undefined {
  const sqlState = sqlStateOf(error);
  if (sqlState === undefined || !/^2[23]/.test(sqlState)) return undefined;
  return {
    class: sqlState.startsWith('23') ? 'CONSTRAINT' : 'UNSUPPORTED_VALUE',
    sqlState,
    message: withoutValues((error as Error).message),
  };
}

/** The first line names the constraint or the fault; the detail line holds the row's values, which may be personal. */
function withoutValues(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/; Position: .*$|; SQLState: .*$/, '');
}
