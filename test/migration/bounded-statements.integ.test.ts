import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { compileAccounts } from '../../lambdas/migration/compile/accounts.ts';
import { compileChecks } from '../../lambdas/migration/compile/checks.ts';
import { compileCopy } from '../../lambdas/migration/compile/copy.ts';
import { compileChunkEnds, compileCompare } from '../../lambdas/migration/compile/verify.ts';
import type { Entity } from '../../lambdas/migration/entities/entity.ts';
import { entities, entityNamed } from '../../lambdas/migration/entities/index.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const ROWS = 10_000;
/** More than the planner expects of a range, whose ends it does not know. */
const BATCH_ROWS = 100;
/** Rows that a part of a plan may go through for each row of the batch: a campaign has a few tags. */
const MOST_A_ROW = 5;

const cases = entities.flatMap((entity) =>
  [true, false].flatMap((bounded) => [0, ROWS - BATCH_ROWS].map((position) => ({ name: entity.name, entity, bounded, position }))),
);

const database = useMigrationDatabase({ keepRows: true });
let runId: string;

beforeAll(async () => {
  await database.query(
    `insert into public.users (id, email, name, type) select ${keyOf('n')}, n || '@x', 'n' || n, 'BUSINESS' from generate_series(1, ${ROWS}) n`,
  );
  await database.query('insert into public.profiles (id, user_id) select id, id from public.users');
  await database.query('insert into public.business_profiles (id, user_id) select id, id from public.users');
  await database.query(`insert into public.campaigns (id, business_id, title, hashtags) select id, id, name, 'a, b' from public.users`);
  await database.query('insert into public.campaign_applications (id, campaign_id, influencer_id) select id, id, id from public.users');
  await database.query('insert into public.saved_campaigns (id, user_id, campaign_id) select id, id, id from public.users');
  await database.query('analyze');
  runId = await migrate(database.db, { batchRows: 5_000 });
  await database.query('analyze');
});

interface Copying {
  readonly bounded: boolean;
  /** Whether the target's rows are there. */
  readonly occupied: boolean;
}

/** Copies the batch after the `position`th row once more. Gives the lines of its plan. */
async function copyBatch(entity: Entity, position: number, { bounded, occupied }: Copying): Promise<readonly string[]> {
  const { name, target } = entity;
  const ofBatch = (column: string) => `${column} > ${keyOf(position)} and ${column} <= ${keyOf(position + BATCH_ROWS)}`;
  await database.query(`delete from video_platform.migration_status where entity_type = '${name}' and ${ofBatch('legacy_id')}`);
  // As it was before the batch, whatever refers to these rows by now.
  if (!occupied) {
    await database.query(`set session_replication_role = replica; delete from video_platform.${target.table} where ${ofBatch(target.legacyKey)};
      reset session_replication_role`);
  }
  await database.query(`delete from video_platform.migration_cursor where entity_type = '${name}'`);
  await database.query(`insert into video_platform.migration_cursor (entity_type, last_key, upto_key)
    values ('${name}', ${position === 0 ? `''` : keyOf(position)}, ${bounded ? keyOf(ROWS) : 'null'})`);
  const parameters = { run: runId, batch: randomUUID(), range: 0, limit: BATCH_ROWS, aside: BATCH_ROWS, only: null };
  return planOf(compileCopy(entity, { bounded, occupied }), parameters);
}

/** Verifies the chunk after the `position`th row, up to a key or to the end. Gives the lines of its plan. */
async function verifyChunk(entity: Entity, position: number, bounded: boolean): Promise<readonly string[]> {
  const upto = bounded ? await key(position + BATCH_ROWS) : null;
  return planOf(compileCompare(entity), { after: await key(position), upto, named: 20, recompute: false });
}

it.each(cases.filter(({ bounded, position }) => bounded || position > 0))(
  'a chunk of $name is verified by its own rows alone (bounded: $bounded, after $position)',
  async ({ entity, position, bounded }) => {
    const lines = await verifyChunk(entity, position, bounded);
    expect(lines.filter((line) => rowsOf(line) > BATCH_ROWS * MOST_A_ROW)).toEqual([]);
  },
);

it.each(cases.filter(({ bounded }) => bounded))(
  'where the chunks of $name end is found by their own rows alone (after $position)',
  async ({ entity, position }) => {
    const lines = await planOf(compileChunkEnds(entity), { after: await key(position), limit: BATCH_ROWS, chunks: 2 });
    expect(lines.filter((line) => rowsOf(line) > BATCH_ROWS * MOST_A_ROW)).toEqual([]);
  },
);

it.each(cases.filter(({ bounded }) => bounded))(
  'a chunk of $name is counted by its own rows alone (after $position)',
  async ({ entity, position }) => {
    const [from] = await database.query<{ after: string | null }>(`select ${position === 0 ? 'null' : keyOf(position)} as after`);
    const lines = await planOf(compileAccounts([entity]), { after: from?.after ?? null, limit: BATCH_ROWS });
    expect(lines.filter((line) => rowsOf(line) > BATCH_ROWS * MOST_A_ROW)).toEqual([]);
  },
);

const chunks = compileChecks(entities).flatMap((check) =>
  'chunks' in check ? check.chunks.map((sql) => ({ check: check.name, sql })) : [],
);

it.each(chunks.flatMap((chunk) => [null, ROWS - BATCH_ROWS].map((position) => ({ ...chunk, position }))))(
  'a chunk of the check "$check" goes through its own rows alone (after $position)',
  async ({ sql, position }) => {
    const [from] = await database.query<{ after: string | null }>(`select ${position === null ? 'null' : keyOf(position)} as after`);
    const lines = await planOf(sql, { after: from?.after ?? null, limit: BATCH_ROWS });
    expect(lines.filter((line) => rowsOf(line) > BATCH_ROWS * MOST_A_ROW)).toEqual([]);
  },
);

it.each(entities)(
  'what of $name waits in a long queue is one hashed list for a chunk, with the memory that PostgreSQL gives by default',
  async (entity) => {
    await database.query(
      `insert into video_platform.change_queue (entity_type, legacy_id) select '${entity.name}', 'later' || n from generate_series(1, 300000) n`,
    );
    await database.query('analyze video_platform.change_queue');
    const parameters = { after: '', upto: await key(BATCH_ROWS), named: 20, recompute: true };
    const lines = await database.db.transaction(async (query) => {
      await query(`set local work_mem = '4MB'`);
      return await query(`explain (costs off) ${compileCompare(entity)}`, parameters);
    });
    await database.query('truncate video_platform.change_queue');
    const lists = lines.map((line) => String(line['QUERY PLAN'])).filter((line) => /NOT \(ANY/.test(line));
    expect(lists.length).toBeGreaterThan(1);
    expect(lists.filter((line) => !line.includes('hashed'))).toEqual([]);
  },
);

it.each(cases.flatMap((copy) => [true, false].map((occupied) => ({ ...copy, occupied }))))(
  'a batch of $name goes through its own rows alone (bounded: $bounded, over rows: $occupied, after $position)',
  async ({ entity, position, ...copying }) => {
    const lines = await copyBatch(entity, position, copying);
    const recorded = lines[lines.findIndex((line) => line.includes('CTE recorded')) + 1] ?? '';
    expect(rowsOf(recorded)).toBe(BATCH_ROWS);
    expect(lines.filter((line) => rowsOf(line) > BATCH_ROWS * MOST_A_ROW)).toEqual([]);
  },
);

it.each([true, false])('a batch with refused rows goes through its own rows alone (over rows: %s)', async (occupied) => {
  const odd = `from generate_series(1, ${ROWS}, 2) n where id = ${keyOf('n')}`;
  await database.query(`update public.campaigns set status = 'ODD' ${odd}`);
  const lines = await copyBatch(entityNamed('video'), ROWS - BATCH_ROWS, { bounded: true, occupied });
  await database.query(`update public.campaigns set status = 'ACTIVE' ${odd}`);
  expect(lines.filter((line) => rowsOf(line) > BATCH_ROWS * MOST_A_ROW)).toEqual([]);
  expect(
    await database.query(`select status, count(*)::int as rows from video_platform.migration_status
      where entity_type = 'video' and legacy_id > ${keyOf(ROWS - BATCH_ROWS)} group by status order by status`),
  ).toEqual([
    { status: 'completed', rows: BATCH_ROWS / 2 },
    { status: 'failed', rows: BATCH_ROWS / 2 },
  ]);
});

/** The lines of a statement's plan, with the rows that it went through: it is carried out. */
async function planOf(sql: string, parameters: Readonly<Record<string, string | number | boolean | null>>): Promise<readonly string[]> {
  const plan = await database.db.query<{ 'QUERY PLAN': string }>(`explain (analyze, costs off, timing off) ${sql}`, parameters);
  return plan.map((line) => line['QUERY PLAN']);
}

/** The key of the `n`th row; of none, what is before the first. */
async function key(n: number): Promise<string> {
  const [row] = await database.query<{ key: string }>(`select ${n === 0 ? `''` : keyOf(n)} as key`);
  return row?.key ?? '';
}

/** The key of the `n`th row, as SQL. */
function keyOf(n: number | string): string {
  return `'k' || lpad((${n})::text, 6, '0')`;
}

/** Rows that a line of a plan went through. */
function rowsOf(line: string): number {
  const [, rows = 0, loops = 1] = /rows=(\d+).*loops=(\d+)/.exec(line) ?? /Removed by .*: (\d+)/.exec(line) ?? [];
  return Number(rows) * Number(loops);
}
