import type { DataApi, Row } from '../data-api/data-api.ts';
import type { BatchSizeLimits } from './batch-size.ts';
import { byKey, type NextChunk } from './by-key.ts';
import { compileAccounts } from './compile/accounts.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';

/** Legacy rows of an entity a statement: counting is quick, and a table of any size is counted. */
const CHUNK: BatchSizeLimits = { first: 100_000, max: 5_000_000, targetMs: 2_000 };

/** How an entity's legacy rows stand: the other three add up to `total`. */
export interface Account {
  readonly entity: Entity;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly pending: number;
}

interface Chunk extends Row, Sums {
  readonly entity: string;
  readonly next_key: string | null;
}

type Sums = Pick<Account, 'total' | 'completed' | 'failed'>;

/**
 * Counts every entity's legacy rows, chunk by chunk, each as it is when its chunk is looked at; the first chunks in one statement, which is all there is of small tables.
 * In order. `migration_dashboard` says the same, whole tables in one statement.
 */
export async function readAccounts(db: DataApi): Promise<readonly Account[]> {
  const take = (of: readonly Entity[], next: NextChunk) => db.query<Chunk>(compileAccounts(of), { ...next });
  let first: readonly Chunk[] = [];
  await byKey(CHUNK, async (next) => {
    first = await take(entities, next);
    return null;
  });
  return Promise.all(
    entities.map(async (entity) => {
      const { next_key: start, ...counted } = chunkOf(entity, first);
      let sums: Sums = counted;
      if (start !== null) {
        const takeNext = async (next: NextChunk) => {
          const { next_key, total, completed, failed } = chunkOf(entity, await take([entity], next));
          sums = { total: sums.total + total, completed: sums.completed + completed, failed: sums.failed + failed };
          return next_key;
        };
        await byKey(CHUNK, takeNext, start);
      }
      const { total, completed, failed } = sums;
      return { entity, total, completed, failed, pending: total - completed - failed };
    }),
  );
}

function chunkOf({ name }: Entity, chunks: readonly Chunk[]): Chunk {
  const chunk = chunks.find(({ entity }) => entity === name);
  if (chunk === undefined) throw new Error(`the accounts came without a row of ${name}; expected one`);
  return chunk;
}
