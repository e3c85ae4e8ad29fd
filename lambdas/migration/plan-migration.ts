import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { compileForecast, compileInflow } from './compile/forecast.ts';
import { WAITING } from './entities/entity.ts';
import { entities } from './entities/index.ts';
import type { Settings } from './settings.ts';

export const PlanMigrationInput = z.strictObject({});

/** What is ahead of the migration, before the first batch or at any time. */
export interface MigrationPlan {
  readonly entities: readonly EntityPlan[];
  readonly dailyLimit: number;
  /** Days to copy what is pending at this limit. */
  readonly days: number;
  /** Legacy rows that came in per day, over the last week. */
  readonly inflowPerDay: number;
  /** True when more comes in than the limit lets through: the migration would never end. */
  readonly inflowOutrunsLimit: boolean;
}

export interface EntityPlan {
  readonly entity: string;
  readonly legacyRows: number;
  readonly completed: number;
  readonly quarantined: number;
  readonly pending: number;
  /** Pending rows that would be quarantined, by reason class. */
  readonly expectedQuarantine: Readonly<Record<string, number>>;
}

const CHUNK_ROWS = 20_000;

/** Counts rows per entity, what would be quarantined and why, and how many days it takes. Changes nothing. */
export async function planMigration({ db, settings }: { readonly db: DataApi; readonly settings: Settings }): Promise<MigrationPlan> {
  const rows = await db.query<Row & Omit<EntityPlan, 'expectedQuarantine'>>(
    `select entity_type as entity, total::int as "legacyRows", completed::int, failed::int as quarantined, pending::int
     from video_platform.migration_dashboard`,
  );
  const plans: EntityPlan[] = [];
  let inflowPerDay = 0;
  for (const entity of entities) {
    const counts = rows.find(({ entity: name }) => name === entity.name);
    if (counts === undefined) continue;
    plans.push({ ...counts, expectedQuarantine: await forecast(db, compileForecast(entity)) });
    inflowPerDay += (await db.query<{ rows_per_day: number }>(compileInflow(entity)))[0]?.rows_per_day ?? 0;
  }
  const copyable = plans.reduce((total, { pending, expectedQuarantine }) => total + pending - sum(Object.values(expectedQuarantine)), 0);
  const { dailyLimit } = settings;
  return {
    entities: plans,
    dailyLimit,
    days: Math.ceil(copyable / dailyLimit),
    inflowPerDay,
    inflowOutrunsLimit: inflowPerDay >= dailyLimit,
  };
}

/** Rows that wait for a row to come are copyable by then; they are not expected in quarantine. */
async function forecast(db: DataApi, sql: string): Promise<Readonly<Record<string, number>>> {
  const expected: Record<string, number> = {};
  for (let after: string | null = ''; after !== null; ) {
    const [chunk]: readonly (Row & { reasons: Record<string, number>; next_key: string | null })[] = await db.query(sql, {
      after,
      limit: CHUNK_ROWS,
    });
    for (const [reason, count] of Object.entries(chunk?.reasons ?? {})) {
      if (reason !== '' && reason !== WAITING) expected[reason] = (expected[reason] ?? 0) + count;
    }
    after = chunk?.next_key ?? null;
  }
  return expected;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
