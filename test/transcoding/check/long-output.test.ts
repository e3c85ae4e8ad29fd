import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { type CheckOutputInput, checkOutput } from '../../../lambdas/transcoding/check-output.ts';
import { outputPrefix } from '../../../lambdas/transcoding/upload.ts';
import { upload } from '../uploads.ts';
import { PID, packets, shiftTimes } from './damage.ts';
import { encodeOutput } from './encoded-output.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SEGMENT_TICKS = 540_000;
const RUNG = { name: '180p', widthPx: 320, heightPx: 180, crf: 28 };

interface MadeUpBucket {
  readonly s3: S3Client;
  close(): Promise<void>;
}

/**
 * An S3 over HTTP that makes up the segments of a video of any length as they are asked for: one real segment, moved in time, its counters running
 * on.
 */
async function bucketOf(segments: number, model: Buffer): Promise<MadeUpBucket> {
  const prefix = `${outputPrefix('encoded', upload())}/180p/`;
  const name = (number: number) => `index_180p_${String(number).padStart(5, '0')}.ts`;
  const entries = Array.from({ length: segments }, (_, index) => `#EXTINF:6.000000,\n${name(index + 1)}\n`).join('');
  const head = '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n';
  const texts = new Map([
    ['index_180p.m3u8', `${head}${entries}#EXT-X-ENDLIST\n`],
    ['index.m3u8', '#EXTM3U\nindex_180p.m3u8\n'],
  ]);
  const files = [...texts.keys(), ...Array.from({ length: segments }, (_, index) => name(index + 1))];
  const listed = files.map((file) => `<Contents><Key>${prefix}${file}</Key><Size>${model.length}</Size></Contents>`).join('');
  const counts = countersOf(model);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://s3');
    const file = url.pathname.slice(`/${upload().bucket}/${prefix}`.length);
    if (url.searchParams.has('list-type')) response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${listed}</ListBucketResult>`);
    else response.end(texts.get(file) ?? moved(model, Number(/_(\d+)\.ts$/.exec(file)?.[1]) - 1, counts));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const s3 = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
  const close = async (): Promise<void> => {
    s3.destroy();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { s3, close };
}

/** How many packets with a payload each pid has. */
function countersOf(model: Buffer): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { pid, bytes } of packets(model)) if (bytes.readUInt8(3) & 0x10) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  return counts;
}

function moved(model: Buffer, index: number, counts: ReadonlyMap<number, number>): Buffer {
  const ts = shiftTimes(Buffer.from(model), index * SEGMENT_TICKS);
  for (const { pid, bytes } of packets(ts)) {
    const counter = ((bytes.readUInt8(3) & 0x0f) + index * (counts.get(pid) ?? 0)) & 0x0f;
    bytes.writeUInt8((bytes.readUInt8(3) & 0xf0) | counter, 3);
  }
  return ts;
}

/** Silent: the AAC frames of one segment do not repeat every six seconds. */
const inputOf = (durationSeconds: number): CheckOutputInput => ({
  upload: upload(),
  promised: { renditions: [RUNG], durationSeconds, hasAudio: false, framesPerSecond: 30, source: RUNG },
});

async function heldAfter(s3: S3Client, segments: number): Promise<{ readonly heldBytes: number; readonly progressBytes: number }> {
  let input = inputOf(segments * 6);
  let progressBytes = 0;
  const samples: number[] = [];
  let left = 0;
  collectGarbage();
  const before = process.memoryUsage();
  for (;;) {
    left = 0;
    // A call in hand stops after so many segments; memory is looked at while it has most to remember.
    const timeLeftMs = () => {
      left += 1;
      if (left % 50 === 0) {
        collectGarbage();
        const now = process.memoryUsage();
        samples.push(now.heapUsed + now.arrayBuffers - before.heapUsed - before.arrayBuffers);
      }
      return left < 450 ? 900_000 : 0;
    };
    const output = await checkOutput(input, { s3, timeLeftMs });
    if (!output.continue) {
      expect(output.faults).toEqual([]);
      expect(output.durationSeconds).toBeCloseTo(segments * 6, 3);
      // The median: a sample may fall on bytes that are still on their way.
      return { heldBytes: samples.sort((one, other) => one - other)[Math.floor(samples.length / 2)] ?? Number.NaN, progressBytes };
    }
    progressBytes = Math.max(progressBytes, JSON.stringify(output.progress).length);
    input = { ...input, progress: output.progress };
  }
}

it('holds the same for three hours as for five minutes, and hands on a few hundred bytes a rung', { timeout: 120_000 }, async () => {
  const files = await encodeOutput({ seconds: 12, audio: false, rungs: [RUNG] });
  const model = files.get('180p/index_180p_00001.ts') ?? Buffer.alloc(0);
  expect(packets(model).some(({ pid }) => pid === PID.video)).toBe(true);
  const [fiveMinutes, threeHours] = [await bucketOf(51, model), await bucketOf(1800, model)];
  const short = await heldAfter(fiveMinutes.s3, 51);
  const long = await heldAfter(threeHours.s3, 1800);
  await Promise.all([fiveMinutes.close(), threeHours.close()]);
  // Names, sizes and durations of 1,800 segments are less than 3 MB; the segments are 120 MB and more.
  expect(long.heldBytes - short.heldBytes).toBeLessThan(6_000_000);
  expect(1800 * model.length).toBeGreaterThan(100_000_000);
  expect(long.progressBytes).toBeGreaterThan(0);
  expect(long.progressBytes).toBeLessThan(1_500);
});
