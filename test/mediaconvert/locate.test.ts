import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { locateFfmpeg } from '../../local/ffmpeg/locate.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'locate-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function program(name: string, says: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, `#!/bin/sh\necho '${says}'\n`);
  await chmod(file, 0o755);
  return file;
}

it("falls back to npm's ffmpeg and ffprobe when the path has none", async () => {
  const located = await locateFfmpeg({ PATH: '/nonexistent' });
  expect(located).toMatchObject({ origin: 'npm', version: expect.stringMatching(/\S/), hasFrameRateMode: false });
  expect(located.warning).toContain('install ffmpeg 5.1');
  expect(located.ffprobe).toContain('ffprobe');
});

it('takes FFMPEG_PATH and the ffprobe beside it', async () => {
  const ffmpeg = await program('ffmpeg', 'ffmpeg version 7.0 configuration: --enable-libx264');
  const ffprobe = await program('ffprobe', 'ffprobe version 7.0');
  expect(await locateFfmpeg({ PATH: process.env.PATH, FFMPEG_PATH: ffmpeg })).toEqual({
    ffmpeg,
    ffprobe,
    version: '7.0',
    origin: 'FFMPEG_PATH',
    hasFrameRateMode: true,
    warning: undefined,
  });
});

it('passes over an ffmpeg on the path that cannot encode H.264', async () => {
  await program('ffmpeg', 'ffmpeg version 7.0 configuration: --disable-everything');
  expect(await locateFfmpeg({ PATH: `${directory}:${process.env.PATH}` })).toMatchObject({ origin: 'npm' });
});

it.each([
  ['ffmpeg version 3.4.8-0ubuntu0.2 Copyright (c) 2000-2020 configuration: --enable-libx264', '3.4.8-0ubuntu0.2'],
  ['ffmpeg version N-81489-ga37e6dd Copyright (c) 2000-2016 configuration: --enable-libx264', 'N-81489-ga37e6dd'],
])('refuses an ffmpeg that is too old, by its version: %s', async (banner, version) => {
  const attempt = locateFfmpeg({ PATH: process.env.PATH, FFMPEG_PATH: await program('old-ffmpeg', banner) });
  await expect(attempt).rejects.toThrow(`is version ${version}; the oldest supported is 4`);
});

it('refuses a FFMPEG_PATH that does not work, with what to do', async () => {
  const attempt = locateFfmpeg({ PATH: process.env.PATH, FFMPEG_PATH: '/nonexistent/ffmpeg' });
  await expect(attempt).rejects.toThrow(/FFMPEG_PATH names no usable ffmpeg .*not found.*unset it/);
  await expect(attempt).rejects.toMatchObject({ name: 'UserError', exitCode: 2 });
});
