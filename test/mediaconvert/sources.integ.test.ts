import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { runFfmpeg } from '../../local/ffmpeg/run.ts';
import { hlsLadderJob } from './job-fixture.ts';
import { probeRung } from './media-probe.ts';
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

/** A short clip in any codec and container. */
async function encode(name: string, options: string[], picture = 'testsrc2=size=320x180:rate=30:duration=1'): Promise<void> {
  const { ffmpeg, directory } = standIn;
  const args = ['-f', 'lavfi', '-i', picture, ...options, name];
  await runFfmpeg({ file: ffmpeg.ffmpeg, args, cwd: directory, outputs: [name], timeLimitMs: 20_000 });
}

async function outputStreams(name: string) {
  const segment = standIn.bytes(`encoded/${name}/${rung?.name}/index_00001.ts`);
  const { video } = await probeRung(standIn.ffmpeg, standIn.directory, [segment]);
  return video;
}

it.each(['PRESERVE_DETAILS', 'VIBRANT'] as const)('makes BT.709 of HDR10, tones mapped by %s', async (HdrToSdrToneMapper) => {
  const hdr = 'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc';
  await encode('hdr.mp4', [
    '-c:v',
    'libx265',
    '-x265-params',
    hdr,
    '-pix_fmt',
    'yuv420p10le',
    '-color_trc',
    'smpte2084',
    '-colorspace',
    'bt2020nc',
  ]);
  await standIn.uploadFile('originals/hdr.mp4', 'hdr.mp4');
  const request = jobFor('hdr.mp4', { audio: false });
  const video = request.Settings?.OutputGroups?.[0]?.Outputs?.[0]?.VideoDescription;
  Object.assign(video ?? {}, { VideoPreprocessors: { ColorCorrector: { ColorSpaceConversion: 'FORCE_709', HdrToSdrToneMapper } } });
  expect(await standIn.run(request)).toMatchObject({ Status: 'COMPLETE' });
  const colour = { color_space: 'bt709', color_transfer: 'bt709', color_primaries: 'bt709', pix_fmt: 'yuv420p' };
  expect(await outputStreams('hdr.mp4')).toMatchObject(colour);
});

it('makes progressive pictures of interlaced ones', async () => {
  await encode(
    'interlaced.mp4',
    ['-vf', 'interlace', '-c:v', 'libx264', '-flags', '+ilme+ildct', '-pix_fmt', 'yuv420p'],
    'testsrc2=size=320x180:rate=60:duration=1',
  );
  await standIn.uploadFile('originals/interlaced.mp4', 'interlaced.mp4');
  const request = jobFor('interlaced.mp4', { audio: false });
  Object.assign(request.Settings?.OutputGroups?.[0]?.Outputs?.[0]?.VideoDescription ?? {}, {
    VideoPreprocessors: { Deinterlacer: { Algorithm: 'INTERPOLATE', Control: 'NORMAL', Mode: 'DEINTERLACE' } },
  });
  expect(await standIn.run(request)).toMatchObject({ Status: 'COMPLETE' });
  expect((await outputStreams('interlaced.mp4'))?.field_order ?? 'progressive').toBe('progressive');
});

it('drops every second frame when half the rate is specified', async () => {
  await encode('fast.mp4', ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'], 'testsrc2=size=320x180:rate=120:duration=1');
  await standIn.uploadFile('originals/fast.mp4', 'fast.mp4');
  const request = jobFor('fast.mp4', { audio: false });
  Object.assign(request.Settings?.OutputGroups?.[0]?.Outputs?.[0]?.VideoDescription?.CodecSettings?.H264Settings ?? {}, {
    ...{ FramerateControl: 'SPECIFIED', FramerateConversionAlgorithm: 'DUPLICATE_DROP', FramerateNumerator: 60, FramerateDenominator: 1 },
  });
  expect(await standIn.run(request)).toMatchObject({
    Status: 'COMPLETE',
    OutputGroupDetails: [{ OutputDetails: [{ DurationInMs: 1000 }] }, {}],
  });
  expect(standIn.text('encoded/fast.mp4.m3u8')).toContain('FRAME-RATE=60.000');
});

it('encodes a source of one picture', async () => {
  await encode('one.mp4', ['-frames:v', '1', '-c:v', 'libx264', '-pix_fmt', 'yuv420p']);
  expect(await run('one.mp4', undefined, { audio: false })).toMatchObject({ Status: 'COMPLETE' });
  expect(standIn.text(`encoded/one.mp4/${rung?.name}/index.m3u8`)).toContain('#EXTINF:0.033');
});

it.each([
  ['h264.avi', ['-c:v', 'libx264'], 'h264 in a avi'],
  ['vp9.mkv', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'], 'vp9 in a matroska'],
])('fails %s, a codec that the service does not take in that container', async (name, codec, reason) => {
  await encode(name, [...codec, '-pix_fmt', 'yuv420p'], 'testsrc2=size=64x36:rate=10:duration=0.5');
  const job = await run(name, undefined, { audio: false });
  expect(job).toMatchObject({ Status: 'ERROR', ErrorCode: 1030, ErrorMessage: expect.stringContaining(reason) });
});

it.each([
  ['mjpeg.avi', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p']],
  ['vp8.webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-pix_fmt', 'yuv420p']],
  ['h264.mkv', ['-c:v', 'libx264', '-pix_fmt', 'yuv420p']],
])('encodes %s', async (name, codec) => {
  await encode(name, codec);
  expect(await run(name, undefined, { audio: false })).toMatchObject({ Status: 'COMPLETE' });
});

it('shows nothing of a file beside the job directory, whatever an upload points at', async () => {
  const canary = 'canary-7f3a';
  await writeFile(join(standIn.directory, 'canary.txt'), canary.repeat(100));
  const path = join(standIn.directory, 'canary.txt');
  for (const [index, text] of [
    `#EXTM3U\n#EXTINF:1,\nfile://${path}\n`,
    `ffconcat version 1.0\nfile ${path}\n`,
    `concat:${path}|${path}`,
  ].entries()) {
    expect(await run(`pointer-${index}.mp4`, text)).toMatchObject({ Status: 'ERROR', ErrorCode: 1010 });
  }
  const outputs = [...standIn.s3.objects].filter(([name]) => !name.includes('originals/'));
  expect(outputs.filter(([, { body }]) => body.includes(canary))).toEqual([]);
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

it('encodes a Matroska file whose clock starts late, as one cut out of a longer one', async () => {
  const late = ['-i', 'file:clip.mp4', '-c', 'copy', '-output_ts_offset', '10', 'late.mkv'];
  await runFfmpeg({ file: standIn.ffmpeg.ffmpeg, args: late, cwd: standIn.directory, outputs: ['late.mkv'], timeLimitMs: 20_000 });
  const job = await run('late.mkv', undefined);
  expect(job).toMatchObject({ Status: 'COMPLETE' });
  // Without an edit list the sound starts before the picture, which is held until then: one more of them.
  expect(job.OutputGroupDetails?.[0]?.OutputDetails?.[0]?.DurationInMs).toBeOneOf([3_000, 3_033]);
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
