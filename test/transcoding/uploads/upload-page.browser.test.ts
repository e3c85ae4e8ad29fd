import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { locateFfmpeg } from '../../../local/ffmpeg/locate.ts';
import { sampleStatus, sampleVideo } from '../../operations/sample-status.ts';
import { type ServedConsole, serveConsole } from '../../operations/serve-console.ts';
import { BUCKET, type LocalS3, startS3 } from '../../s3/local-s3.ts';
import { launchBrowser, type TestBrowser } from '../../support/browser.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../../support/migration-database.ts';
import { CHANNEL, PART_BYTES, seed, startUploadService, type UploadService } from './upload-service.ts';

let folder: string;
let clip: string;
let clipBytes: Buffer;
let browser: TestBrowser;
let database: MigrationDatabase;
let s3: LocalS3;
let service: UploadService;
let served: ServedConsole;
let page: Page;
/** What the browser complained about: refusals of the content security policy or of CORS, uncaught errors. */
let complaints: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'videopick-upload-'));
  clip = join(folder, '내 영상.mp4');
  [browser, database] = await Promise.all([launchBrowser(), createMigrationDatabase(), makeNoisyClip(clip)]);
  clipBytes = await readFile(clip);
});

afterAll(async () => {
  await browser?.close();
  await database?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await seed(database);
  const corsRules = [
    {
      AllowedOrigins: ['http://127.0.0.1:*'],
      AllowedMethods: ['PUT'],
      AllowedHeaders: ['x-amz-checksum-sha256', 'content-type'],
      ExposedHeaders: ['ETag'],
    },
  ];
  s3 = await startS3({ buckets: [{ name: BUCKET, eventBridge: true, corsRules }] });
  service = startUploadService(database, s3);
  served = await serveConsole(sampleStatus(), folder, { api: service.api, origin: s3.endpoint });
  const context = await browser.browser.newContext();
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${served.url}#/videos`);
  return async () => {
    await context.close();
    await served.close();
    service.s3.destroy();
  };
});

/** A real clip that takes three parts or more: noise does not compress. */
async function makeNoisyClip(file: string): Promise<void> {
  const { ffmpeg } = await locateFfmpeg();
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=4'];
  const encoding = ['-vf', 'noise=alls=60:allf=t', '-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '30M', '-pix_fmt', 'yuv420p'];
  await promisify(execFile)(ffmpeg, ['-v', 'error', '-y', ...source, ...encoding, file]);
}

/** Parts of uploads as they are sent; `hold` decides which never get an answer. */
async function watchParts(decide: (partNumber: number, attempt: number) => 'pass' | 'hold' | 'break'): Promise<number[]> {
  const sent: number[] = [];
  await page.route(`${s3.endpoint}/**`, async (route: Route) => {
    const partNumber = Number(new URL(route.request().url()).searchParams.get('partNumber'));
    if (route.request().method() !== 'PUT') return route.continue();
    sent.push(partNumber);
    const decision = decide(partNumber, sent.filter((number) => number === partNumber).length);
    if (decision === 'pass') await route.continue();
    if (decision === 'break') await route.abort('connectionreset');
  });
  return sent;
}

const upload = async (file: string) => {
  await page.getByLabel('파일 File').setInputFiles(file);
  await page.getByRole('button', { name: '올리기 Upload' }).click();
};
const state = () => page.locator('#upload-state').textContent();
const partsThere = async () => {
  const { rows } = await database.pool.query('select id from video_platform.upload_session');
  const answer = await service.call<{ parts: { partNumber: number }[] }>('GET', `/api/uploads/${rows[0]?.id}`);
  return answer.body.parts.map(({ partNumber }) => partNumber);
};

it('uploads a clip, pauses, survives a reload, sends only what is missing, and follows what becomes of it', async () => {
  expect(clipBytes.length).toBeGreaterThan(2 * PART_BYTES);
  await watchParts((partNumber) => (partNumber === 1 ? 'pass' : 'hold'));
  await page.getByLabel('동영상 ID Video id').fill('v1');
  await upload(clip);
  await expect.poll(partsThere, { timeout: 15_000, message: JSON.stringify(complaints) }).toEqual([1]);
  await page.getByRole('button', { name: '일시 중지 Pause', exact: true }).and(page.locator('#upload-pause')).click();
  expect(await state()).toBe('일시 중지됨 Paused');
  const { label, focused } = await page.evaluate(() => ({
    label: document.querySelector('#upload-bar')?.getAttribute('aria-valuenow'),
    focused: document.activeElement?.id,
  }));
  expect(Number(label)).toBeGreaterThan(0);
  expect(focused).toBe('upload-resume');

  await page.reload();
  await expect.poll(() => page.locator('#upload-left').textContent(), { timeout: 5_000 }).toContain('내 영상.mp4');
  expect(await page.getByLabel('동영상 ID Video id').isVisible()).toBe(false);
  const other = join(folder, 'other.mp4');
  await copyFile(clip, other);
  await upload(other);
  await expect.poll(() => page.locator('#upload-error').textContent(), { timeout: 5_000 }).toContain('같은 파일이 아닙니다');

  await page.unroute(`${s3.endpoint}/**`);
  const sent = await watchParts((partNumber, attempt) => (partNumber === 2 && attempt === 1 ? 'break' : 'pass'));
  await upload(clip);
  await expect.poll(state, { timeout: 20_000 }).toBe('업로드 완료 Uploaded');
  const last = Math.ceil(clipBytes.length / PART_BYTES);
  expect([...sent].sort()).toEqual([2, ...Array.from({ length: last - 1 }, (_, index) => index + 2)]);
  const object = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: s3.created.at(-1)?.key }));
  expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(clipBytes)).toBe(true);
  expect(s3.created.at(-1)?.key).toMatch(/^originals\/v1\/[\w-]+\.mp4$/);

  expect(await page.locator('#upload-processing').textContent()).toBe('처리를 기다리는 중 Waiting to be processed');
  served.status = sampleStatus({ videos: [sampleVideo({ id: 'u1', videoId: 'v1', status: 'encoding' })] });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect.poll(() => page.locator('#upload-processing').textContent(), { timeout: 5_000 }).toBe('변환 중 0% Encoding');
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  expect(complaints.filter((text) => !/ERR_CONNECTION_RESET/.test(text))).toEqual([]);
});

it('goes on after a pause without a reload, and makes a new video when asked to', async () => {
  let isHeld = true;
  await watchParts((partNumber) => (partNumber >= 3 && isHeld ? 'hold' : 'pass'));
  await page.getByLabel('새 동영상 New').check();
  await page.getByLabel('채널 ID Channel id').fill(CHANNEL);
  await page.getByLabel('제목 Title').fill('새 영상');
  await upload(clip);
  await expect.poll(partsThere, { timeout: 15_000, message: JSON.stringify(complaints) }).toEqual([1, 2]);
  await page.locator('#upload-pause').click();
  isHeld = false;
  await page.locator('#upload-resume').click();
  await expect.poll(state, { timeout: 20_000 }).toBe('업로드 완료 Uploaded');
  expect(await database.query(`select title, status, processing_status from video_platform.videos where origin = 'videopick'`)).toEqual([
    { title: '새 영상', status: 'PRIVATE', processing_status: 'uploaded' },
  ]);
  expect(complaints).toEqual([]);
});

it('cancels for good: nothing is left at S3, and the form is back', async () => {
  await watchParts((partNumber) => (partNumber === 1 ? 'pass' : 'hold'));
  await page.getByLabel('동영상 ID Video id').fill('v1');
  await upload(clip);
  await expect.poll(partsThere, { timeout: 15_000, message: JSON.stringify(complaints) }).toEqual([1]);
  await page.locator('#upload-cancel').click();
  await expect.poll(() => page.getByLabel('파일 File').isVisible(), { timeout: 5_000 }).toBe(true);
  expect(await database.query('select status from video_platform.upload_session')).toEqual([{ status: 'aborted' }]);
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
});

it('says in both languages why a file is refused', async () => {
  const script = join(folder, 'playlist.m3u8.mp4');
  await writeFile(script, '#EXTM3U');
  await page.getByLabel('동영상 ID Video id').fill('v1');
  await upload(script);
  await expect
    .poll(() => page.getByRole('alert').filter({ hasText: '확장자가' }).textContent(), { timeout: 5_000 })
    .toContain('two extensions');
});
