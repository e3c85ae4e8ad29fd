import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { INPUT_GUARD } from '../../local/ffmpeg/input-guard.ts';
import { type LocatedFfmpeg, locateFfmpeg } from '../../local/ffmpeg/locate.ts';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { runFfmpeg, runProgram } from '../../local/ffmpeg/run.ts';
import { sniffContainer } from '../../local/ffmpeg/sniff-container.ts';

let directory: string;
let ffmpeg: LocatedFfmpeg;
beforeAll(async () => {
  ffmpeg = await locateFfmpeg();
  directory = await mkdtemp(join(tmpdir(), 'untrusted-'));
  await makeClip(join(directory, 'clip.mp4'), { ffmpeg, seconds: 1, width: 64, height: 36 });
  await remux('clip.mp4', 'canary.ts', ['-f', 'mpegts']);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const run = (args: string[], outputs: string[]) => runFfmpeg({ file: ffmpeg.ffmpeg, args, cwd: directory, outputs, timeLimitMs: 20_000 });
const remux = (input: string, output: string, options: string[]) =>
  run([...INPUT_GUARD, '-i', `file:${input}`, '-c', 'copy', ...options, output], [output]);

const disguises: [string, string][] = [
  ['a playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ncanary.ts\n#EXT-X-ENDLIST\n'],
  ['a concat script', "ffconcat version 1.0\nfile 'canary.ts'\n"],
  ['an XML manifest', '<?xml version="1.0"?><MPD></MPD>'],
];

it.each(disguises)("recognises %s in a video's clothes as no video", (_, text) => {
  expect(sniffContainer(Buffer.from(text))).toBeUndefined();
});

it.each(disguises)('keeps ffmpeg itself from following %s', async (_, text) => {
  await writeFile(join(directory, 'upload.mp4'), text);
  await expect(remux('upload.mp4', 'leak.mp4', [])).rejects.toMatchObject({ name: 'FfmpegError' });
});

it('knows containers by their first bytes', async () => {
  const head = async (name: string) => sniffContainer((await readFile(join(directory, name))).subarray(0, 4096));
  const kinds = [
    ['a.mov', 'quicktime'],
    ['a.mkv', 'matroska'],
    ['a.avi', 'avi'],
    ['canary.ts', 'mpegts'],
    ['clip.mp4', 'mp4'],
  ] as const;
  for (const [name, kind] of kinds) {
    if (name.startsWith('a.')) await remux('clip.mp4', name, []);
    expect(await head(name)).toBe(kind);
  }
  for (const other of ['', 'PK\u0003\u0004', 'GIF89a', '\u007fELF', 'RIFF0000WAVE'])
    expect(sniffContainer(Buffer.from(other))).toBeUndefined();
});

it('does not take exit code 0 for success', async () => {
  await expect(run([...INPUT_GUARD, '-i', 'file:clip.mp4', '-c', 'copy', 'copy.mp4'], ['other.mp4'])).rejects.toThrow(
    /left "other.mp4" missing or empty/,
  );
});

it('lets ffmpeg write no file above its limit', async () => {
  const flood = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64:duration=5', '-c:v', 'rawvideo', '-f', 'rawvideo', 'flood.raw'];
  const attempt = runFfmpeg({ file: ffmpeg.ffmpeg, args: flood, cwd: directory, outputs: [], timeLimitMs: 20_000, maxFileBytes: 100_000 });
  await expect(attempt).rejects.toMatchObject({ name: 'FfmpegError' });
  expect((await stat(join(directory, 'flood.raw'))).size).toBeLessThanOrEqual(100_352);
});

// macOS has no limit of address space.
it.skipIf(process.platform === 'darwin')('gives a program a limit of memory', async () => {
  const lines: string[] = [];
  const run = { file: '/bin/sh', args: ['-c', 'ulimit -v'], cwd: directory, timeLimitMs: 5_000 };
  await runProgram({ ...run, onLine: (line) => lines.push(line) });
  expect(Number(lines[0])).toBeGreaterThan(1024 ** 2);
});

it('refuses a picture larger than any video of ours', async () => {
  const args = ['-max_pixels', '1000', ...INPUT_GUARD, '-i', 'file:clip.mp4', '-f', 'null', '-'];
  await expect(run(args, [])).rejects.toThrow(/decod|pixels|Invalid|Conversion/i);
});

it('stops ffmpeg at the time limit and at the signal', async () => {
  const endless = ['-f', 'lavfi', '-re', '-i', 'testsrc2=size=32x32', '-f', 'null', '-'];
  const base = { file: ffmpeg.ffmpeg, args: endless, cwd: directory, outputs: [] };
  await expect(runFfmpeg({ ...base, timeLimitMs: 300 })).rejects.toMatchObject({ name: 'FfmpegTimeoutError' });
  await expect(runFfmpeg({ ...base, timeLimitMs: 20_000, signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
});
