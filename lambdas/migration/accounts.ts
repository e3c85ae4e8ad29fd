import type { DataApi, Row } from '../data-api/data-api.ts';
import type { BatchSizeLimits } from './batch-size.ts';
import { byKey } from './by-key.ts';
import { compileAccount } from './compile/account.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';

/** Legacy rows a statement: counting is quick, and a table of any size is counted. */
const CHUNK: BatchSizeLimits = { first: 100_000, max: 5_000_000, targetMs: 2_000 };

/** How an entity's legacy rows stand: those three add up to `total`. */
export interface Account {
  readonly entity: Entity;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly pending: number;
}

/** Counts every entity's legacy rows, chunk by chunk, each as it is when its chunk is looked at. In order. `migration_dashboard` says the same in one statement. */
export function readAccounts(db: DataApi): Promise<readonly Account[]> {
  return Promise.all(entities.map((entity) => readAccount(db, entity)));
}

async function readAccount(db: DataApi, entity: Entity): Promise<Account> {
  const sql = compileAccount(entity);
  const sums = { total: 0, completed: 0, failed: 0 };
  await byKey(CHUNK, async (next) => {
    const [chunk] = await db.query<Row & typeof sums & { next_key: string | null }>(sql, { ...next });
    if (chunk === undefined) throw new Error(`the account of ${entity.name} answered no row; expected one`);
    sums.total += chunk.total;
    sums.completed += chunk.completed;
    sums.failed += chunk.failed;
    return chunk.next_key;
  });
  return { entity, ...sums, pending: sums.total - sums.completed - sums.failed };
}
