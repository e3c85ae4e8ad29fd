import pg from 'pg';
import { ensureCapture, removeCapture } from '../../lambdas/migration/capture.ts';
import { type Findings, median, promised, round } from '../common/promise.ts';
import type { Bench } from './bench.ts';
import { connectDataApi } from './data-api-endpoint.ts';

/** A round's writes without and with the triggers take turns so often: what else the machine does in a second or two then falls on both. */
const TURNS = 4;

/** What the triggers add to single-row writes of LinkPick: writes with and without them, in turn, on the same rows. */
export async function measureLegacyWrites(bench: Bench): Promise<Findings> {
  const { rows, clients, roundMs } = bench.sizes.writes;
  return bench.withCampaigns(rows, async (database) => {
    const db = connectDataApi(bench.api.target(database.name));
    const { rows: found } = await database.client.query<{ id: string; business_id: string }>(
      'select id, business_id from public.campaigns',
    );
    const writers = await Promise.all(Array.from({ length: clients }, (_, number) => Writer.connect(database.url, number, found)));
    const ratios: number[] = [];
    const without: number[] = [];
    const withCapture: number[] = [];
    try {
      await run(writers, roundMs / 2); // statements are prepared, pages are read
      for (let index = 1; index <= bench.rounds; index++) {
        const latenciesMs: { readonly without: number[]; readonly with: number[] } = { without: [], with: [] };
        for (let turn = 0; turn < TURNS; turn++) {
          await removeCapture(db);
          await settle(database.client);
          latenciesMs.without.push(...(await run(writers, roundMs / TURNS)));
          await ensureCapture(db);
          await settle(database.client);
          latenciesMs.with.push(...(await run(writers, roundMs / TURNS)));
        }
        without.push(median(latenciesMs.without));
        withCapture.push(median(latenciesMs.with));
        ratios.push((withCapture.at(-1) ?? Number.NaN) / (without.at(-1) ?? Number.NaN) - 1);
        bench.say(`capture ${index}: ${without.at(-1)?.toFixed(3)} ms without, ${withCapture.at(-1)?.toFixed(3)} ms with`);
      }
    } finally {
      await Promise.all(writers.map((writer) => writer.close()));
    }
    return {
      promised: [
        promised('capture', `added to the median latency of a single-row legacy write, ${clients} clients`, ratios, { atMost: 0.25 }),
      ],
      facts: { writeMsWithoutCapture: round(median(without)), writeMsWithCapture: round(median(withCapture)) },
    };
  });
}

/** As after a catch-up: an empty log, and no dead rows of the round before. */
async function settle(client: pg.Client): Promise<void> {
  await client.query('truncate video_platform.change_log, video_platform.change_queue');
  await client.query('vacuum public.campaigns');
  await client.query('checkpoint');
}

/** The latencies of all writers, in milliseconds. */
async function run(writers: readonly Writer[], durationMs: number): Promise<number[]> {
  const until = performance.now() + durationMs;
  return (await Promise.all(writers.map((writer) => writer.writeUntil(until)))).flat();
}

interface LegacyRow {
  readonly id: string;
  readonly business_id: string;
}

/** One client: three single-row updates, then an insert, each committed by itself. */
class Writer {
  readonly #client: pg.Client;
  readonly #rows: readonly LegacyRow[];
  readonly #number: number;
  #writes = 0;

  private constructor(client: pg.Client, number: number, rows: readonly LegacyRow[]) {
    this.#client = client;
    this.#number = number;
    this.#rows = rows;
  }

  static async connect(url: string, number: number, rows: readonly LegacyRow[]): Promise<Writer> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return new Writer(client, number, rows);
  }

  async writeUntil(endMs: number): Promise<number[]> {
    const latenciesMs: number[] = [];
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      await this.#write();
      latenciesMs.push(performance.now() - startedMs);
    }
    return latenciesMs;
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  async #write(): Promise<void> {
    this.#writes += 1;
    const row = this.#rows[(this.#writes * 7_919 + this.#number * 104_729) % this.#rows.length];
    if (row === undefined) throw new RangeError('there are no campaigns to write; expected at least one');
    if (this.#writes % 4 !== 0) {
      await this.#client.query({
        name: 'update',
        text: 'update public.campaigns set view_count = view_count + 1, updated_at = now() where id = $1',
        values: [row.id],
      });
    } else {
      await this.#client.query({
        name: 'insert',
        text: `insert into public.campaigns (id, business_id, title, status) values ($1, $2, '[체험단] 새 캠페인', 'ACTIVE')`,
        values: [`cw${this.#number}${String(this.#writes).padStart(12, '0')}`, row.business_id],
      });
    }
  }
}
