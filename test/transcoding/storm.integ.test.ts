import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInput } from '../../lambdas/step.ts';
import { failUpload } from '../../lambdas/transcoding/fail-upload.ts';
import { InspectUploadInput, inspectUpload } from '../../lambdas/transcoding/inspect-upload.ts';
import { noteEncoded } from '../../lambdas/transcoding/note-encoded.ts';
import { publish } from '../../lambdas/transcoding/publication.ts';
import { recordProgress } from '../../lambdas/transcoding/record-progress.ts';
import { TranscodingSettings } from '../../lambdas/transcoding/settings.ts';
import { identity, outputPrefix, type Upload } from '../../lambdas/transcoding/upload.ts';
import { bytesOf, isoFile } from './media-files.ts';
import { random } from './seeded-random.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from './transcoding-database.ts';
import { executionArn, upload, uploadEvent } from './uploads.ts';

let database: TranscodingDatabase;
beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());

const SEEDS = Number(process.env.STORM_SEEDS ?? 20);
const settings = TranscodingSettings.parse({});
const FILE = isoFile();
const uploads = [upload({ version: 'older' }), upload({ version: 'newer', key: 'originals/v1/again.mp4' }), upload({ version: 'broken' })];

/** What the machine does, step by step, with an encoder that counts; its events join those that are delivered. */
class World {
  readonly jobs: string[] = [];
  readonly alive = new Set<string>();
  readonly pending: (() => Promise<void>)[] = [];
  readonly #pick: () => number;

  constructor(pick: () => number) {
    this.#pick = pick;
  }

  /** Delivers something one to five times, at any later moments. */
  deliver(what: () => Promise<void>): void {
    const times = 1 + Math.floor(this.#pick() * 5);
    for (let time = 0; time < times; time++) this.pending.splice(Math.floor(this.#pick() * (this.pending.length + 1)), 0, what);
  }

  async run(): Promise<void> {
    // Two at once, so that statements of different executions meet.
    while (this.pending.length > 0) await Promise.all(this.pending.splice(0, 2).map((next) => next()));
  }

  arrived(of: Upload, second: number): void {
    this.deliver(async () => {
      const arn = executionArn();
      this.alive.add(arn);
      await this.#inspect(of, arn, `2026-11-23T00:00:0${second}Z`);
    });
  }

  async #inspect(of: Upload, arn: string, time: string): Promise<void> {
    const output = await inspectUpload(parseInput(InspectUploadInput, uploadEvent(of, arn, { time })), {
      db: database.db,
      isRunning: async (other) => this.alive.has(other),
      readSettings: async () => settings,
      processingEnabled: true,
      open: () => bytesOf(FILE),
      probe: async () => ({
        Tracks: [
          { TrackType: 'video', Codec: 'AVC', VideoProperties: { Width: 640, Height: 360, FrameRate: { Numerator: 25, Denominator: 1 } } },
        ],
      }),
    });
    if (output.outcome !== 'encode') return void this.alive.delete(arn);
    this.jobs.push(identity(of));
    const { userMetadata } = output.jobs.hls;
    for (const [status, percent] of [
      ['PROGRESSING', undefined],
      ['STATUS_UPDATE', 30],
      ['STATUS_UPDATE', 80],
      ['COMPLETE', undefined],
    ] as const) {
      const detail = { jobId: arn, status, userMetadata: userMetadata as never, jobProgress: { jobPercentComplete: percent } };
      this.deliver(() => recordProgress({ detail }, { db: database.db, isRunning: async (other) => this.alive.has(other) }));
    }
    this.pending.push(() => this.#end(of, arn));
  }

  async #end(of: Upload, arn: string): Promise<void> {
    if (of.version === 'broken') {
      const Cause = JSON.stringify({ Status: 'ERROR', ErrorCode: 1030 });
      await failUpload({ executionArn: arn, error: { Error: 'States.TaskFailed', Cause } }, { db: database.db });
    } else {
      const job = { Id: arn, OutputGroupDetails: [] };
      const { prices } = settings;
      await noteEncoded({ executionArn: arn, framesPerSecond: 25, hls: { job }, preview: { job: null }, prices }, { db: database.db });
      const videoUrl = `/${outputPrefix('encoded', of)}/index.m3u8`;
      const nothing = { thumbnailUrl: null, previewUrl: null, storyboardUrl: null, renditions: [], measured: {} };
      await publish(database.db, of, arn, { videoUrl, durationSeconds: 10, resolution: '640x360', fileSizeBytes: 1, ...nothing });
    }
    this.alive.delete(arn);
  }
}

describe('a storm of events', () => {
  it(`each delivered one to five times in any order, ends as one delivery would, with one job an upload (${SEEDS} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await database.reset();
      const world = new World(random(seed));
      for (const [second, of] of uploads.entries()) world.arrived(of, second);
      await world.run();
      expect(world.jobs.toSorted(), `seed ${seed}`).toEqual(uploads.map((of) => identity(of)).toSorted());
      const rows = await database.uploads();
      expect(
        rows.map(({ version, status, reason_code: code, superseded, progress_percent: percent }) => [
          version,
          status,
          code,
          superseded,
          percent === 100,
        ]),
        `seed ${seed}`,
      ).toEqual([
        ['older', 'ready', null, true, true],
        ['newer', 'ready', null, false, true],
        ['broken', 'failed', 'UNSUPPORTED_CODEC', false, false],
      ]);
      expect(await database.video(), `seed ${seed}`).toMatchObject({
        processing_status: 'ready',
        video_url: `/${outputPrefix('encoded', upload({ version: 'newer', key: 'originals/v1/again.mp4' }))}/index.m3u8`,
      });
    }
  }, 180_000);
});
