import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { runFfmpeg } from '../../local/ffmpeg/run.ts';
import { hlsLadderJob } from './job-fixture.ts';
import { startStandIn, type TestStandIn, TINY_LADDER } from './stand-in.ts';

const [rung = TINY_LADDER[0]] = TINY_LADDER.slice(1);
const PORTRAIT = { ...TINY_LADDER[0], name: '180p', widthPx: 180, heightPx: 320, maxBitrateBps: 400_000, quality: 7, audioBps: 96_000 };

let standIn: TestStandIn;
beforeAll(async () => {
  standIn = await startStandIn();
  const { ffmpeg, directory } = standIn;
  await makeClip(join(directory, 'clip.mp4'), { ffmpeg, seconds: 3, width: 320, height: 180 });
  await makeClip(join(directory, 'silent.mp4'), { ffmpeg, seconds: 3, width: 320, height: 180, audio: false });
  await writeFile(join(directory, 'turned.mp4'), turned(await readFile(join(directory, 'clip.mp4'))));
  const sound = ['-i', 'file:clip.mp4', '-vn', '-c', 'copy', 'sound.mp4'];
  await runFfmpeg({ file: ffmpeg.ffmpeg, args: sound, cwd: directory, outputs: ['sound.mp4'], timeLimitMs: 20_000 });
});
afterAll(() => standIn.stop());

/** The clip with a display matrix that asks for a quarter turn clockwise, as a phone held upright writes it. */
function turned(mp4: Buffer): Buffer {
  const copy = Buffer.from(mp4);
  const matrix = copy.indexOf('tkhd') + 44; // behind version, times, track id, duration, layer, volume
  for (const [index, value] of [0, 0x1_0000, 0, -0x1_0000, 0, 0].entries()) copy.writeInt32BE(value, matrix + 4 * index);
  return copy;
}

const jobFor = (name: string, options: Parameters<typeof hlsLadderJob>[0] = {}) =>
  hlsLadderJob({
    input: `originals/${name}`,
    destination: `encoded/${name}`,
    posterDestination: `thumbnails/${name}`,
    rungs: [rung ?? PORTRAIT],
    ...options,
  });

async function run(name: string, content: Buffer | string | undefined, options: Parameters<typeof hlsLadderJob>[0] = {}) {
  if (content === undefined) await standIn.uploadFile(`originals/${name}`, name);
  else await standIn.upload(`originals/${name}`, content);
  return await standIn.run(jobFor(name, options));
}

const sizeOf = (job: Awaited<ReturnType<typeof run>>) => job.OutputGroupDetails?.[0]?.OutputDetails?.[0]?.VideoDetails;

it('turns an upright phone video upright, and fits its portrait rung', async () => {
  const job = await run('turned.mp4', undefined, { rungs: [PORTRAIT] });
  expect(job).toMatchObject({ Status: 'COMPLETE' });
  expect(sizeOf(job)).toEqual({ WidthInPx: 180, HeightInPx: 320 });
  expect(standIn.text('encoded/turned.mp4.m3u8')).toContain('RESOLUTION=180x320');
});

it("does not turn it when the job does not ask: the service's default", async () => {
  const request = jobFor('turned.mp4', { rungs: [PORTRAIT] });
  delete request.Settings?.Inputs?.[0]?.VideoSelector;
  // The landscape picture fits a 180 px wide box only flat.
  expect(sizeOf(await standIn.run(request))).toEqual({ WidthInPx: 180, HeightInPx: 102 });
});

it('encodes a silent source when no audio is asked for', async () => {
  expect(await run('silent.mp4', undefined, { audio: false })).toMatchObject({ Status: 'COMPLETE' });
  expect(standIn.text('encoded/silent.mp4.m3u8')).toMatch(/CODECS="avc1\.[0-9a-f]{6}"/);
});

it('fails a job that demands audio of a silent source, as the service does', async () => {
  const job = await run('silent.mp4', undefined);
  expect(job).toMatchObject({ Status: 'ERROR', ErrorCode: 1021, ErrorMessage: expect.stringContaining('no audio') });
  expect(standIn.statusesOf(job)).toEqual(['ERROR']);
});

it('fails a source without video', async () => {
  expect(await run('sound.mp4', undefined)).toMatchObject({ Status: 'ERROR', ErrorCode: 1020 });
});

it.each([
  ['text.mp4', 'this is no video'],
  ['playlist.mp4', '#EXTM3U\n#EXTINF:6,\n/etc/hostname\n#EXT-X-ENDLIST\n'],
  ['concat.mp4', "ffconcat version 1.0\nfile 'clip.mp4'\n"],
  ['empty.mp4', ''],
])('refuses %s before any demuxer sees it', async (name, content) => {
  expect(await run(name, content)).toMatchObject({ Status: 'ERROR', ErrorCode: 1010, ErrorMessage: expect.stringContaining('MP4') });
});

it('fails a file that only begins as a video', async () => {
  const broken = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), Buffer.alloc(4_000, 7)]);
  expect(await run('broken.mp4', broken)).toMatchObject({ Status: 'ERROR', ErrorCode: 1075 });
});

it('fails a file that was cut short', async () => {
  const whole = await readFile(join(standIn.directory, 'clip.mp4'));
  expect(await run('cut.mp4', whole.subarray(0, whole.length * 0.4))).toMatchObject({ Status: 'ERROR', ErrorCode: 1076 });
});

it('fails with 1404 when the object is not there', async () => {
  const job = await standIn.run(jobFor('nobody-uploaded-this.mp4'));
  expect(job).toMatchObject({ Status: 'ERROR', ErrorCode: 1404 });
  expect(standIn.events.at(-1)?.detail).toMatchObject({ jobId: job.Id, status: 'ERROR', errorCode: 1404, errorMessage: job.ErrorMessage });
});

it('leaves no private directory and no output behind a failed job', async () => {
  expect(await standIn.leftovers()).toEqual([]);
  expect([...standIn.s3.objects.keys()].filter((name) => /(text|broken|cut)\.mp4/.test(name) && !name.includes('originals'))).toEqual([]);
});
