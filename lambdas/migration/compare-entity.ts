import type { DataApi, Row } from '../data-api/data-api.ts';
import { BatchSize } from './batch-size.ts';
import { compileChunkEnds, compileCompare, MAX_FINDINGS, RECORD_FOUND } from './compile/verify.ts';
import type { Entity } from './entities/entity.ts';
import { MARGIN_MS } from './time-margin.ts';

/** Chunks compared side by side, as a copy has ranges side by side: one statement is the work of one core. */
const CHUNKS_AT_ONCE = 2;
/** What a chunk's statement should take. */
const CHUNK_TARGET_MS = 1_000;
/** Later chunks take up to so many times the rows of the first. */
const MAX_GROWTH = 10;

/** One look at every row of a run's entities. */
export interface Pass {
  readonly runId: string;
  readonly pass: number;
  /** Keys of each chunk, at most, that are derived anew for what differs. */
  readonly repairRows: number;
  /** Whether values are compared where versions prove them equal. */
  readonly recompute: boolean;
}

export interface CompareEntityDependencies {
  readonly db: DataApi;
  readonly timeLeftMs: () => number;
  /** Legacy rows of the first chunks. */
  readonly chunkRows: number;
}

type Counts = Readonly<Record<'compared' | 'missing' | 'extra' | 'different' | 'unaccounted' | 'mismapped' | 'passed_by', number>>;

/** Of a key that differs. */
interface Finding {
  readonly key: string;
  readonly outcome: 'missing' | 'extra' | 'different';
  readonly columns: readonly string[];
}

/** A row of the answer: the counts on each, and what differs, if anything does. */
type CompareRow = Row & Counts & (Finding | { readonly key: null; readonly outcome: null; readonly columns: null });

/** What was found between two keys. */
interface Found extends Counts {
  readonly findings: readonly Finding[];
  readonly toRepair: readonly string[];
}

/**
 * Compares an entity's rows, some chunks at once, and puts what these come to on record together: a pass that is cut off goes on after its last record. Gives
 * whether the end was reached in time.
 */
export async function compareEntity(
  entity: Entity,
  pass: Pass,
  { db, timeLeftMs, chunkRows }: CompareEntityDependencies,
): Promise<boolean> {
  const comparison = new EntityComparison(entity, pass, db);
  const size = new BatchSize({ first: chunkRows, max: MAX_GROWTH * chunkRows, targetMs: CHUNK_TARGET_MS });
  let after = await comparison.resumeAt();
  while (after !== null) {
    if (timeLeftMs() <= MARGIN_MS) return false;
    const from: string = after;
    const compared = await size.send((rows) => comparison.compareNext(from, rows));
    if (compared === undefined) continue;
    // What was recorded before, by a repeated call or by a step beside this one, may end elsewhere.
    after = (await comparison.record(compared)) ? compared.upto : await comparison.resumeAt();
  }
  return true;
}

/** The rows between two keys: after the one, up to the other; null is the end of the table. */
interface Chunk {
  readonly after: string;
  readonly upto: string | null;
}

/** What the rows between two keys came to. */
interface Compared extends Chunk {
  readonly found: Found;
}

/** The statements that verify an entity in one pass. */
class EntityComparison {
  readonly #entity: Entity;
  readonly #pass: Pass;
  readonly #db: DataApi;

  constructor(entity: Entity, pass: Pass, db: DataApi) {
    this.#entity = entity;
    this.#pass = pass;
    this.#db = db;
  }

  /** The key after which to go on, or null when the entity has been verified in this pass. */
  async resumeAt(): Promise<string | null> {
    const { runId, pass } = this.#pass;
    const [row] = await this.#db.query<{ after_key: string | null }>(
      `insert into video_platform.verification_run as v (run_id, entity_type, pass) values (:run::uuid, :entity, :pass)
       on conflict (run_id, entity_type, pass) do update set entity_type = excluded.entity_type
       returning case when v.finished_at is null then v.after_key end as after_key`,
      { run: runId, entity: this.#entity.name, pass },
    );
    return row?.after_key ?? null;
  }

  /** Compares the next chunks, of so many legacy rows each. */
  async compareNext(after: string, rows: number): Promise<Compared> {
    const chunks = await this.#nextChunks(after, rows);
    const found = await Promise.all(chunks.map((chunk) => this.#compare(chunk)));
    return { after, upto: chunks.at(-1)?.upto ?? null, found: found.reduce(together) };
  }

  /** Whether it was recorded now: false when it had been. */
  async record({ found, ...between }: Compared): Promise<boolean> {
    const { runId, pass } = this.#pass;
    const parameters = { run: runId, entity: this.#entity.name, pass, ...between, found: JSON.stringify(found) };
    return (await this.#db.query(RECORD_FOUND, parameters)).length > 0;
  }

  async #nextChunks(after: string, rows: number): Promise<readonly Chunk[]> {
    const sql = compileChunkEnds(this.#entity);
    const ends = await this.#db.query<{ upto: string | null }>(sql, { after, limit: rows, chunks: CHUNKS_AT_ONCE });
    return ends.map(({ upto }, index) => ({ after: ends[index - 1]?.upto ?? after, upto }));
  }

  async #compare(chunk: Chunk): Promise<Found> {
    const { repairRows, recompute } = this.#pass;
    const named = Math.max(MAX_FINDINGS, repairRows);
    const rows = await this.#db.query<CompareRow>(compileCompare(this.#entity), { ...chunk, named, recompute });
    const [first] = rows;
    if (first === undefined) throw new Error(`comparing ${this.#entity.name} answered no row; expected its counts`);
    const { key: _key, outcome: _outcome, columns: _columns, ...counts } = first;
    const differing = rows.flatMap(({ key, outcome, columns }) => (key === null ? [] : [{ key, outcome, columns }]));
    return { ...counts, findings: differing.slice(0, MAX_FINDINGS), toRepair: differing.slice(0, repairRows).map(({ key }) => key) };
  }
}

function together(one: Found, next: Found): Found {
  return {
    compared: one.compared + next.compared,
    missing: one.missing + next.missing,
    extra: one.extra + next.extra,
    different: one.different + next.different,
    unaccounted: one.unaccounted + next.unaccounted,
    mismapped: one.mismapped + next.mismapped,
    passed_by: one.passed_by + next.passed_by,
    findings: [...one.findings, ...next.findings].slice(0, MAX_FINDINGS),
    toRepair: [...one.toRepair, ...next.toRepair],
  };
}
