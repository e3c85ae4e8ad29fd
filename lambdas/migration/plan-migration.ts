import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { readAccounts } from './accounts.ts';
import type { BatchSizeLimits } from './batch-size.ts';
import { byKey } from './by-key.ts';
import { compileForecast } from './compile/forecast.ts';
import { compileNarrowColumns, type NarrowColumn } from './compile/narrow-columns.ts';
import { type Entity, WAITING } from './entities/entity.ts';
import { readInflow } from './read-inflow.ts';
import { readSharedHandles } from './read-shared-handles.ts';
import type { Settings } from './settings.ts';

export const PlanMigrationInput = z.strictObject({});

/** What is ahead of the migration, before the first batch or at any time. */
export interface MigrationPlan {
  readonly entities: readonly EntityPlan[];
  readonly dailyLimit: number;
  /** Days to copy what is pending at this limit. */
  readonly days: number;
  /** Legacy rows that came in per day, over the last week. Null when they could not be counted in time. */
  readonly inflowPerDay: number | null;
  /** True when more comes in than the limit lets through: the migration would never end. Null when that is not known. */
  readonly inflowOutrunsLimit: boolean | null;
  /**
   * Pending channels that get a suffix to their handle, since somebody before them asks for the same one. Null when they could not be counted in time: it is one
   * statement, of 3 s at 200,000 channels of which half have one name.
   */
  readonly sharedHandles: number | null;
}

export interface EntityPlan {
  readonly entity: string;
  readonly legacyRows: number;
  readonly completed: number;
  readonly quarantined: number;
  readonly pending: number;
  /**
   * Pending rows that would be quarantined, by reason class: what the projection refuses, values longer than their column and nulls in a column that takes none (where
   * LinkPick's columns allow them), and what refers to such a row. Not foreseen: values that are not unique, and other constraints.
   */
  readonly expectedQuarantine: Readonly<Record<string, number>>;
  /** Pending rows whose reference is still to come: they are copied after it, and count as copyable. Before the first batch, all that refer to a row and are not expected in quarantine. */
  readonly waiting: number;
}

/** Legacy rows a statement. */
const CHUNK: BatchSizeLimits = { first: 5_000, max: 100_000, targetMs: 5_000 };

/** Counts rows per entity, what would be quarantined and why, and how many days it takes. Changes nothing. */
export async function planMigration({ db, settings }: { readonly db: DataApi; readonly settings: Settings }): Promise<MigrationPlan> {
  const plans: EntityPlan[] = [];
  const narrow = new Map<Entity, readonly NarrowColumn[]>();
  for (const { entity, total, completed, failed, pending } of await readAccounts(db)) {
    narrow.set(entity, await db.query<Row & NarrowColumn>(compileNarrowColumns(entity)));
    const counts = { entity: entity.name, legacyRows: total, completed, quarantined: failed, pending };
    plans.push({ ...counts, ...(await forecast(db, compileForecast(entity, narrow))) });
  }
  const copyable = plans.reduce((total, { pending, expectedQuarantine }) => total + pending - sum(Object.values(expectedQuarantine)), 0);
  const { dailyLimit } = settings;
  const inflowPerDay = await readInflow(db);
  return {
    entities: plans,
    dailyLimit,
    days: Math.ceil(copyable / dailyLimit),
    inflowPerDay,
    inflowOutrunsLimit: inflowPerDay === null ? null : inflowPerDay >= dailyLimit,
    sharedHandles: await readSharedHandles(db, narrow),
  };
}

type Forecast = Pick<EntityPlan, 'expectedQuarantine' | 'waiting'>;

/** Rows that wait for a row to come are copyable by then; they are not expected in quarantine. */
async function forecast(db: DataApi, sql: string): Promise<Forecast> {
  const expected: Record<string, number> = {};
  let waiting = 0;
  // Rows that wait are looked up with all that they wait for, which costs many times what others do.
  await byKey(CHUNK, async (next) => {
    const [chunk] = await db.query<Row & { reasons: Readonly<Record<string, number>>; next_key: string | null }>(sql, { ...next });
    for (const [reason, count] of Object.entries(chunk?.reasons ?? {})) {
      if (reason === WAITING) waiting += count;
      else if (reason !== '') expected[reason] = (expected[reason] ?? 0) + count;
    }
    return chunk?.next_key ?? null;
  });
  return { expectedQuarantine: expected, waiting };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
