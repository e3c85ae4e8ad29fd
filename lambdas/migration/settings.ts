import { z } from 'zod';
import { REASON_CLASSES } from './entities/entity.ts';
import { entities } from './entities/index.ts';

/** Counters of a day are 32-bit where they are read. */
export const MAX_DAILY_LIMIT = 2_000_000_000;

/** How many rows of one reason class may be in quarantine before a run pauses: until every limit that is named is passed. */
const Budget = z.strictObject({
  rows: z.number().int().min(0).optional(),
  /** Of the entity's legacy rows. */
  percent: z.number().min(0).max(100).optional(),
});
export type Budget = z.output<typeof Budget>;

/** Members of these names and no other: a name that is misspelt is refused, not passed over. */
function named<Schema extends z.ZodType>(names: readonly string[], schema: Schema) {
  const members = Object.fromEntries(names.map((name) => [name, schema.optional()]));
  return z.strictObject(members as unknown as Readonly<Record<string, Schema>>); // JSON has no member that is undefined
}

/**
 * What an operator may change while the migration runs: the AppConfig profile `migration-settings`, read at the start of each step. One
 * schema, which is also the profile's validator. Defaults are stated here, once.
 */
export const Settings = z.strictObject({
  /** Off: from the next step of a run or of catch-up on, at most 15 minutes later, no row and no change moves. `control-migration` pauses runs at the next batch. */
  enabled: z.boolean().default(true),
  /** Rows completed per calendar day in Asia/Seoul. */
  dailyLimit: z.number().int().min(1).max(MAX_DAILY_LIMIT).default(1_000),
  /** Rows the first copy statement takes; later ones grow and shrink to keep `statementTargetMs`. */
  batchRows: z.number().int().min(1).max(50_000).default(100),
  maxBatchRows: z.number().int().min(1).max(50_000).default(20_000),
  /** Key ranges of a large entity that are copied side by side. */
  parallelRanges: z.number().int().min(1).max(16).default(2),
  /** What a copy statement should take, far below the Data API's 45 s. */
  statementTargetMs: z.number().int().min(50).max(20_000).default(2_000),
  /** By reason class; `*` for those not named. */
  budgets: named([...REASON_CLASSES, '*'], Budget).default({ '*': { rows: 500, percent: 10 } }),
  /**
   * Entities that are switched off wait, and so do those that refer to them: from a run's next step on, for the rest of that run. Those not named
   * are on. What is copied already follows its legacy rows all the same.
   */
  entities: named(
    entities.map(({ name }) => name),
    z.strictObject({ enabled: z.boolean() }),
  ).default({}),
});
export type Settings = z.output<typeof Settings>;
