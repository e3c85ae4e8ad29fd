import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { playToEnd } from '../support/play-to-end.ts';
import { HLS_SECONDS, makeHls } from './make-hls.ts';
import { sampleRun, sampleStatus, sampleVideo } from './sample-status.ts';
import { type ServedConsole, serveConsole } from './serve-console.ts';

const playable = sampleVideo({
  id: 'played',
  url: '/encoded/index.m3u8',
  thumbnail: '/encoded/poster.jpg',
  durationSeconds: HLS_SECONDS,
  resolution: '640x360',
  renditions: [
    { name: '360p', width: 640, height: 360 },
    { name: '180p', width: 320, height: 180 },
  ],
});
const rejected = sampleVideo({
  id: 'rejected',
  title: '<img src="/nowhere" onerror="document.title=1">',
  status: 'failed',
  reason: { code: 'NOT_A_VIDEO', ko: '동영상 파일이 아니거나 손상된 파일입니다.', en: 'The file is not a video, or it is damaged.' },
});
const status = sampleStatus({ videos: [playable, rejected] });

let folder: string;
let served: ServedConsole;
let browser: TestBrowser;
let page: Page;
/** Everything the browser complained about: failed requests, refusals of the content security policy, uncaught errors. */
let complaints: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'videopick-page-'));
  [browser] = await Promise.all([launchBrowser(), makeHls(folder)]);
  served = await serveConsole(status, folder);
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  served.status = status;
  const context = await browser.browser.newContext();
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return () => context.close();
});

describe('the status page', () => {
  it('shows how far each entity is', async () => {
    await page.goto(served.url);
    const channels = page.getByRole('progressbar', { name: '채널 Channels' });
    await expect.poll(() => channels.getAttribute('aria-valuenow')).toBe('76');
    expect(await channels.getAttribute('aria-valuetext')).toBe('2,000 중 완료 1,500, 격리 20, 대기 480');
    const shares = await channels.evaluate((bar) => [...bar.children].map((fill) => fill instanceof HTMLElement && fill.style.width));
    expect(shares).toEqual(['75%', '1%']);
    expect(await page.locator('[data-entity=channel] .pace').textContent()).toBe('1,234행/초 rows/s · 남은 시간 3분 20초 (3m 20s left)');
    expect(await page.getByRole('progressbar', { name: '전체 All rows' }).getAttribute('aria-valuetext')).toContain('10,000 중');
    expect(complaints).toEqual([]);
  });

  it('follows a run while it moves', async () => {
    served.status = { ...status, runs: [sampleRun({ status: 'running', finishedAt: null })] };
    await page.clock.install();
    await page.goto(served.url);
    const users = page.getByRole('progressbar', { name: '사용자 Users' });
    await users.waitFor();
    served.status = {
      ...served.status,
      entities: status.entities.map((entity) => ({ ...entity, total: 4000, completed: 1000, failed: 0, pending: 3000 })),
    };
    await page.clock.runFor(2_500);
    await expect.poll(() => users.getAttribute('aria-valuenow')).toBe('25');
  });

  it('plays a video to its end', async () => {
    await page.goto(served.url);
    await page.getByRole('link', { name: '여름 캠페인' }).click();
    const played = await playToEnd(page, 'played', { playbackRate: 2, timeoutMs: 15_000 });
    expect(Math.abs(played.duration - HLS_SECONDS)).toBeLessThan(0.2);
    expect(Math.abs(played.currentTime - played.duration)).toBeLessThan(0.1);
    expect(played.quality).toMatch(/^(360p · 640×360|180p · 320×180) · \d\.\d Mbps$/);
    expect(complaints).toEqual([]);
  });

  it('opens and plays a deep link without a click, and leaves it when the player is closed', async () => {
    await page.goto(`${served.url}#/videos/played`);
    await expect.poll(() => page.locator('#player video').evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#player video').count()).toBe(0);
    expect(new URL(page.url()).hash).toBe('');
    expect(complaints).toEqual([]);
  });

  it('plays the quality that is chosen', async () => {
    await page.goto(`${served.url}#/videos/played`);
    await page.getByLabel('화질 Quality').selectOption('180p');
    await expect.poll(() => page.locator('#player-quality').textContent(), { timeout: 5000 }).toContain('320×180');
  });

  it('says in Korean why an upload was rejected, and shows its title as text', async () => {
    await page.goto(served.url);
    const card = page.locator('[data-video=rejected]');
    await card.getByText('동영상 파일이 아니거나 손상된 파일입니다.').waitFor();
    expect(await card.locator('h3').textContent()).toBe('<img src="/nowhere" onerror="document.title=1">');
    await card.getByRole('link').click();
    await page.locator('#player').getByText('동영상 파일이 아니거나 손상된 파일입니다.').waitFor();
    expect(await page.locator('#player video').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('reports media that cannot be loaded', async () => {
    served.status = { ...status, videos: [{ ...playable, url: '/encoded/missing.m3u8' }] };
    await page.goto(served.url);
    await expect(playToEnd(page, 'played', { timeoutMs: 10_000 })).rejects.toThrow(/the player gave up.*manifestLoadError/);
  });

  it('keeps showing the last state while the API does not answer', async () => {
    await page.clock.install();
    await page.goto(served.url);
    await page.locator('[data-entity=channel]').waitFor();
    served.status = new Error('database is away');
    await page.clock.runFor(11_000);
    const note = page.getByRole('status');
    await note.waitFor();
    expect(await note.textContent()).toContain('API가 응답하지 않습니다 (HTTP 503). 아래는 02:04:30의 마지막 상태');
    expect(await page.locator('[data-entity=channel] .percent').textContent()).toBe('76%');
    served.status = status;
    await page.clock.runFor(6_000);
    await note.waitFor({ state: 'hidden' });
  });
});
