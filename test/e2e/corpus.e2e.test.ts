import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MediaConvertClient, paginateListJobs } from '@aws-sdk/client-mediaconvert';
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { addHls, playHls } from '../support/play-hls.ts';
import { startTranscodingCloud, type TranscodingCloud, type UploadRow } from '../support/transcoding-cloud.ts';
import { type CorpusEntry, isReady, type ReadyVideo } from '../transcoding/corpus/corpus-entry.ts';
import { coloursOf, decode, meanVolume, type Quarters, similarity } from '../transcoding/corpus/decode.ts';
import { type FetchedRendition, fetchOutput, fetchServed } from '../transcoding/corpus/fetch-output.ts';
import { makeCanary } from '../transcoding/corpus/make-canary.ts';
import { type Corpus, corpusEntries, makeCorpus } from '../transcoding/corpus/make-corpus.ts';
import { readCues } from '../transcoding/corpus/read-cues.ts';
import { QUARTERS } from '../transcoding/corpus/test-picture.ts';

const chosen = corpusEntries(process.env.CORPUS === 'all');
type ReadyEntry = CorpusEntry & { readonly expected: ReadyVideo };
const readyEntries = () => chosen.chosen.filter((entry): entry is ReadyEntry => isReady(entry.expected));
const rejectedEntries = () => chosen.chosen.filter(({ expected }) => !isReady(expected));
/** Alone it takes a quarter of this. */
const CORPUS_TIMEOUT_MS = 60_000 + chosen.chosen.length * 15_000;

let stack: TranscodingCloud;
let corpus: Corpus;
let canary: Buffer;
const videoIds = new Map<string, string>();
beforeAll(async () => {
  stack = await startTranscodingCloud();
  const { ffmpeg, directory } = stack;
  const canaryFile = join(directory, 'data', 'mediaconvert', 'canary.ts');
  await makeCanary(ffmpeg, canaryFile);
  canary = readFileSync(canaryFile);
  corpus = await makeCorpus(chosen, { ffmpeg, folder: join(directory, 'corpus'), canaryFile });
  if (corpus.left.length > 0) process.stderr.write(`Left out of the corpus:\n${corpus.left.map((line) => `  ${line}\n`).join('')}`);
  const ends: Promise<unknown>[] = [];
  for (const { name, file } of corpus.made) {
    const videoId = await stack.newVideo();
    videoIds.set(name, videoId);
    const Key = `originals/${videoId}/${name}`;
    ends.push(stack.executionEnded(Key));
    await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body: readFileSync(file) }));
  }
  await Promise.all(ends);
}, CORPUS_TIMEOUT_MS);
afterAll(() => stack?.close());

/** What came of an entry. Skips the test where this machine's ffmpeg could not make the file. */
async function outcomeOf({ name }: CorpusEntry, { skip }: TestContext): Promise<{ upload: UploadRow; file: string; prefix: string }> {
  const made = corpus.made.find((entry) => entry.name === name);
  if (made === undefined) return skip(corpus.left.find((line) => line.startsWith(`${name}: `)));
  const [upload, ...others] = await stack.uploadsOf(videoIds.get(name) ?? '');
  if (upload === undefined) throw new Error(`${name} has no upload`);
  expect(others).toEqual([]);
  return { upload, file: made.file, prefix: `${stack.endpoint}/${upload.output_prefix}` };
}

const outputsOf = async (videoId: string) => {
  const keys: string[] = [];
  for (const prefix of ['encoded', 'thumbnails', 'previews']) {
    const pages = paginateListObjectsV2({ client: stack.s3 }, { Bucket: stack.bucket, Prefix: `${prefix}/${videoId}/` });
    for await (const { Contents = [] } of pages) keys.push(...Contents.map(({ Key = '' }) => Key));
  }
  return keys;
};

describe('a file that is no video for this platform', () => {
  it.for(rejectedEntries())('$name ($what) ends as its reason, and plays nowhere', async (entry, context) => {
    const { upload } = await outcomeOf(entry, context);
    expect(upload).toMatchObject({ status: 'failed', reason_code: 'rejected' in entry.expected && entry.expected.rejected });
    expect(upload.reason).toMatch(/[가-힣].*\([A-Z].*\)/);
    expect((await outputsOf(upload.video_id)).filter((key) => key.endsWith('/index.m3u8'))).toEqual([]);
    const [video] = await stack.query('select video_url, processing_status from video_platform.videos where id = $1', [upload.video_id]);
    expect(video).toEqual({ video_url: null, processing_status: 'failed' });
  });

  it('never brings a file beside the job directories into an output', async () => {
    const needle = canary.subarray(0, 188 * 20);
    for (const { name } of corpus.made) {
      for (const key of await outputsOf(videoIds.get(name) ?? '')) {
        const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: key }));
        expect(Buffer.from((await Body?.transformToByteArray()) ?? []).includes(needle), `${key} of ${name} holds the canary`).toBe(false);
      }
    }
  });
});

describe('a published video', () => {
  it.for(readyEntries())(
    '$name ($what) decodes segment by segment into all its pictures, upright, in the promised sizes',
    {
      timeout: 120_000,
    },
    async (entry, context) => {
      const { upload, file, prefix } = await outcomeOf(entry, context);
      expect(upload).toMatchObject({ status: 'ready', reason: null });
      const { expected } = entry;
      const renditions = await fetchOutput(`${prefix}/index.m3u8`, join(stack.directory, 'fetched', upload.video_id));
      expect(renditions.map(({ name }) => name)).toEqual(expected.renditions);
      for (const rendition of renditions) await checkRendition(rendition, expected, file);
      if (expected.audio) expect(await meanVolume(stack.ffmpeg, renditions[0]?.segments[0]?.file ?? '')).toBeGreaterThan(-40);
    },
  );

  it.for(readyEntries())(
    '$name has a poster that shows it, and a storyboard of all its length',
    { timeout: 60_000 },
    async (entry, context) => {
      const { upload, prefix } = await outcomeOf(entry, context);
      const [video] = await stack.query<{ thumbnail_url: string; duration_seconds: string }>(
        'select thumbnail_url, duration_seconds from video_platform.videos where id = $1',
        [upload.video_id],
      );
      const poster = join(stack.directory, `${upload.video_id}.jpg`);
      await writeFile(poster, await fetchServed(`${stack.endpoint}${video?.thumbnail_url}`));
      expectUpright(await coloursOf(stack.ffmpeg, poster), 'the poster');
      expect(Number(video?.duration_seconds)).toBeCloseTo(entry.expected.seconds, 0);

      const cues = readCues((await fetchServed(`${prefix}/storyboard.vtt`)).toString('utf8'));
      expect(cues[0]?.startSeconds).toBe(0);
      for (const [index, cue] of cues.entries()) expect(cue.startSeconds).toBe(cues[index - 1]?.endSeconds ?? 0);
      expect(cues.at(-1)?.endSeconds).toBeGreaterThanOrEqual(Number(video?.duration_seconds) - 0.05);
      for (const uri of new Set(cues.map((cue) => cue.uri))) {
        const sheet = join(stack.directory, `${upload.video_id}-${uri.replaceAll('/', '-')}`);
        await writeFile(sheet, await fetchServed(new URL(uri, `${prefix}/storyboard.vtt`).href));
        const { width, height, complaints } = await decode(stack.ffmpeg, sheet);
        expect(complaints).toBe('');
        for (const cue of cues.filter((of) => of.uri === uri)) {
          expect(cue.x + cue.width).toBeLessThanOrEqual(width);
          expect(cue.y + cue.height).toBeLessThanOrEqual(height);
          expect([width % cue.width, height % cue.height]).toEqual([0, 0]);
        }
      }
    },
  );

  it('came of one job for the video, however many executions looked at it', async () => {
    const jobs: (string | undefined)[] = [];
    for await (const { Jobs = [] } of paginateListJobs({ client: stack.client(MediaConvertClient) }, {}))
      for (const { UserMetadata } of Jobs) if (UserMetadata?.kind === 'hls') jobs.push(UserMetadata.uploadId);
    expect(jobs).toHaveLength(new Set(jobs).size);
    const ready = await stack.query<UploadRow>(`select upload_id from video_platform.video_upload where status = 'ready'`);
    expect(jobs).toEqual(expect.arrayContaining(ready.map(({ upload_id }) => upload_id)));
  });
});

async function checkRendition({ name, width, height, segments }: FetchedRendition, expected: ReadyVideo, source: string): Promise<void> {
  const { ffmpeg } = stack;
  let frames = 0;
  for (const [index, { file, seconds }] of segments.entries()) {
    const decoded = await decode(ffmpeg, file);
    const which = `segment ${index + 1} of ${name}`;
    expect(decoded, which).toMatchObject({ complaints: '', width, height });
    // Sound may end with the pictures of the last segment but one.
    if (index === 0 || index + 1 < segments.length) expect(decoded.audioTracks, which).toBe(expected.audio ? 1 : 0);
    expect(Math.abs(decoded.frames - seconds * expected.framesPerSecond), which).toBeLessThanOrEqual(1.5);
    expectUpright(await coloursOf(ffmpeg, file), which);
    frames += decoded.frames;
  }
  expect(Math.abs(frames - expected.frames), `${frames} pictures of ${name}`).toBeLessThanOrEqual(expected.framesWithin ?? 1);
  if (expected.minSsim === undefined) return;
  const files = segments.map(({ file }) => file);
  expect(await similarity(ffmpeg, files, source, `${width}x${height}`), `likeness of ${name}`).toBeGreaterThan(expected.minSsim);
}

/** Each quarter is told from the others by the channels that are high in it. */
function expectUpright(found: Quarters, what: string): void {
  for (const [place, wanted] of Object.entries(QUARTERS)) {
    const colour = found[place as keyof Quarters];
    const low = wanted.flatMap((value, channel) => (value === 0 ? [colour[channel] ?? 0] : []));
    const high = wanted.flatMap((value, channel) => (value === 255 ? [colour[channel] ?? 0] : []));
    expect(Math.min(...high) - Math.max(...low), `${place} of ${what} is ${colour}, to be ${wanted}`).toBeGreaterThan(40);
  }
}

describe('hls.js in a browser', () => {
  let browser: TestBrowser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    // The page's own policy allows no script that a test adds.
    page = await (await browser.browser.newContext({ bypassCSP: true })).newPage();
    await page.goto(`${stack.endpoint}/`);
    await addHls(page);
  });
  afterAll(() => browser?.close());

  it.for(readyEntries())(
    'plays $name to its end on every level, seeks in it and changes levels',
    { timeout: 180_000 },
    async (entry, context) => {
      const { prefix } = await outcomeOf(entry, context);
      const { expected } = entry;
      const { levels, seeks } = await playHls(page, `${prefix}/index.m3u8`);
      expect(levels.map(({ width, height }) => `${width}x${height}`).toSorted()).toEqual(
        expected.renditions.map((rendition) => rendition.split(' ')[1]).toSorted(),
      );
      for (const { endedAt, duration, bufferedRanges } of levels) {
        expect(duration).toBeCloseTo(expected.seconds, 0);
        expect(endedAt).toBeGreaterThan(duration - 0.2);
        expect(bufferedRanges).toBe(1);
      }
      for (const { wanted, reached } of seeks) expect(reached).toBeCloseTo(wanted, 1);
    },
  );
});
