import pg from 'pg';
import { type Findings, median, promised, round } from '../common/promise.ts';
import type { Bench } from './bench.ts';
import { insertSelect } from './bulk.ts';
import type { Database } from './databases.ts';

/** Rows the plan's script reads at a time. */
const PLAN_BATCH_ROWS = 100;

/**
 * The product against the loop of the plan it replaces: rows a second over the same rows, in the same tables, on the same server. What a bare insert … select
 * does with them is printed beside it: no copy does better on one connection.
 */
export async function measurePlanLoop(bench: Bench): Promise<Findings> {
  const rows = bench.sizes.planLoopRows;
  const ratios: number[] = [];
  const planRates: number[] = [];
  const rates: number[] = [];
  const bareRates: number[] = [];
  const commitMs: number[] = [];
  for (let index = 1; index <= bench.rounds; index++) {
    const planRate = await bench.withCampaigns(rows, async ({ url }) => rows / ((await runPlanLoop(url)) / 1_000));
    const rate = await bench.withCampaigns(rows, async (database) => rows / ((await bench.copyCampaigns(database)).copyMs / 1_000));
    const bareRate = await bench.withCampaigns(rows, async (database) => rows / ((await insertSelect(database)) / 1_000));
    commitMs.push(await bench.withCampaigns(rows, measureCommit));
    planRates.push(planRate);
    rates.push(rate);
    bareRates.push(bareRate);
    ratios.push(rate / planRate);
    bench.say(
      `plan-loop ${index}: ${Math.round(planRate)} and ${Math.round(rate)} rows a second, bare insert … select ${Math.round(bareRate)}, a commit ${round(commitMs.at(-1) ?? 0)} ms`,
    );
  }
  return {
    promised: [
      promised('plan-loop', `rows a second at ${rows.toLocaleString('en')} rows, copy ÷ the plan's loop`, ratios, { atLeast: 50 }),
    ],
    facts: {
      planLoopRowsPerSecond: round(median(planRates)),
      copyRowsPerSecond: round(median(rates)),
      bareInsertRowsPerSecond: round(median(bareRates)),
      commitMs: round(median(commitMs)),
      bareInsertToPlanLoop: round(median(bareRates.map((rate, index) => rate / (planRates[index] ?? Number.NaN)))),
    },
  };
}

const COMMITS = 500;

/** Milliseconds that a statement of one row takes with its commit. The loop pays for two of them a row, so the ratio follows the machine's disk. */
async function measureCommit({ client }: Database): Promise<number> {
  const tookMs: number[] = [];
  for (let index = 0; index < COMMITS; index++) {
    const startedMs = performance.now();
    await client.query('update video_platform.migration_control set since = now()');
    tookMs.push(performance.now() - startedMs);
  }
  return median(tookMs);
}

interface Campaign {
  readonly id: string;
  readonly business_id: string;
  readonly title: string;
  readonly description: string | null;
  readonly thumbnail_image_url: string | null;
  readonly view_count: number | null;
  readonly status: string;
  readonly hashtags: string | null;
  readonly budget: string | null;
  readonly start_date: Date | null;
  readonly end_date: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const STATUS: Readonly<Record<string, string>> = { DRAFT: 'PRIVATE', ACTIVE: 'PUBLISHED', PAUSED: 'UNLISTED', COMPLETED: 'PUBLISHED' };

/**
 * The plan's gradual-migration.js, written as well as its shape allows: for every row a check of migration_status, an insert, a mark, each committed by
 * itself; one connection, statements prepared once, channels looked up with the batch. Gives its milliseconds.
 */
export async function runPlanLoop(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const startedMs = performance.now();
    for (let after = ''; ; ) {
      const { rows } = await client.query<Campaign & { channel_id: string }>({
        name: 'batch',
        text: `select c.*, ch.id as channel_id from public.campaigns c join video_platform.channels ch on ch.user_id = c.business_id
               where c.id > $1 order by c.id limit $2`,
        values: [after, PLAN_BATCH_ROWS],
      });
      for (const row of rows) await migrateRow(client, row);
      const last = rows.at(-1);
      if (last === undefined) return performance.now() - startedMs;
      after = last.id;
    }
  } finally {
    await client.end();
  }
}

async function migrateRow(client: pg.Client, row: Campaign & { channel_id: string }): Promise<void> {
  const status = await client.query({
    name: 'check',
    text: `select status from video_platform.migration_status where entity_type = 'video' and legacy_id = $1`,
    values: [row.id],
  });
  if (status.rows.length > 0) return;
  await client.query({
    name: 'insert',
    text: `insert into video_platform.videos
             (id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id) do nothing`,
    values: [
      row.id,
      row.channel_id,
      row.title,
      row.description,
      row.thumbnail_image_url,
      row.view_count ?? 0,
      STATUS[row.status],
      tagsOf(row.hashtags),
      { status: row.status, budget: row.budget, startDate: row.start_date, endDate: row.end_date },
      row.created_at,
      row.created_at,
      row.updated_at,
    ],
  });
  await client.query({
    name: 'mark',
    text: `insert into video_platform.migration_status (entity_type, legacy_id, status, run_id)
           values ('video', $1, 'completed', '00000000-0000-0000-0000-000000000000')
           on conflict (entity_type, legacy_id) do update set status = excluded.status, migrated_at = now()`,
    values: [row.id],
  });
}

function tagsOf(hashtags: string | null): string[] {
  const tags = (hashtags ?? '').split(',').map((tag) => tag.replaceAll('#', '').trim());
  return [...new Set(tags.filter((tag) => tag !== ''))];
}
