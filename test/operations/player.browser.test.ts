import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { useConsole } from './console-page.ts';
import { contrastOf } from './contrast.ts';
import { HLS_SECONDS, TILE_COLORS } from './make-hls.ts';
import { sampleStatus, sampleVideo } from './sample-status.ts';
import type { ServedConsole } from './serve-console.ts';

const playable = sampleVideo({
  id: 'played',
  url: '/encoded/index.m3u8',
  thumbnail: '/encoded/poster.jpg',
  preview: '/encoded/preview.mp4',
  storyboard: '/encoded/storyboard.vtt',
  durationSeconds: HLS_SECONDS,
  resolution: '640x360',
  renditions: [
    { name: '360p', width: 640, height: 360, averageBitrateBps: 880_000 },
    { name: '180p', width: 320, height: 180, averageBitrateBps: 290_000 },
  ],
});
const encoding = sampleVideo({
  id: 'encoding',
  title: '인코딩 중인 영상',
  status: 'encoding',
  progressPercent: 42,
  planned: [
    { name: '720p', width: 1280, height: 720 },
    { name: '480p', width: 854, height: 480 },
  ],
});
const failedAgain = sampleVideo({
  ...playable,
  id: 'failed-again',
  title: '다시 올린 영상',
  status: 'failed',
  reason: { code: 'TRUNCATED', ko: '파일이 완전하지 않습니다.', en: 'The file ends too early.' },
  version: 'bbbbbbbbbbbb',
  uploadedAt: '2026-11-22T17:00:00.000Z',
  playing: { version: 'aaaaaaaaaaaa', uploadedAt: '2026-11-21T17:00:00.000Z' },
  estimate: { outputMinutes: 4, costUsd: 0.06 },
  actual: { outputMinutes: 3.5, costUsd: 0.05 },
});
const cancelled = sampleVideo({
  id: 'cancelled',
  title: '취소한 영상',
  status: 'cancelled',
  reason: { code: 'CANCELLED', ko: '처리가 취소되었습니다.', en: 'The processing was cancelled.' },
});
const status = sampleStatus({ videos: [playable, encoding, failedAgain, cancelled] });

const openConsole = useConsole(status, { media: true });
let served: ServedConsole;
let page: Page;
let complaints: readonly string[];
beforeEach(async () => {
  ({ served, page, complaints } = await openConsole());
  page.setDefaultTimeout(10_000);
});

const video = () => page.locator('#player video');
const seekBar = () => page.getByRole('slider', { name: '재생 위치 Seek' });
const heightOf = () => video().evaluate((element: HTMLVideoElement) => element.videoHeight);
const timeOf = () => video().evaluate((element: HTMLVideoElement) => element.currentTime);
const isPaused = () => video().evaluate((element: HTMLVideoElement) => element.paused);

async function openPlayer(): Promise<void> {
  await page.goto(`${served.url}#/videos/played`);
  await expect.poll(timeOf, { timeout: 10_000 }).toBeGreaterThan(0);
}

async function openPaused(): Promise<void> {
  await openPlayer();
  await page.getByRole('button', { name: '일시 정지 Pause' }).click();
  await expect.poll(isPaused).toBe(true);
}

/** The colour in the middle of what is painted there: which tile it is. */
async function colorOf(picture: Locator): Promise<readonly number[]> {
  const png = (await picture.screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0);
    return [...(context?.getImageData(image.width / 2, image.height / 2, 1, 1).data ?? [])].slice(0, 3);
  }, png);
}

/** The second whose tile is shown, by its colour. */
async function tileShown(): Promise<number> {
  const color = await colorOf(page.locator('.seek-picture'));
  return TILE_COLORS.findIndex((rgb) => rgb.every((value, channel) => Math.abs(value - (color[channel] ?? 0)) < 25));
}

describe('the quality menu', () => {
  it('offers automatic and every level by height and bitrate, tallest first, and says what plays', async () => {
    await openPlayer();
    const menu = page.getByLabel('화질 Quality');
    await expect.poll(() => menu.locator('option').first().textContent()).toMatch(/^자동 Auto · (360p|180p)$/);
    expect((await menu.locator('option').allTextContents()).slice(1)).toEqual(['360p · 0.9 Mbps', '180p · 0.3 Mbps']);
    expect(await page.locator('#player-quality').textContent()).toMatch(/^(360p · 640×360 · 0\.9|180p · 320×180 · 0\.3) Mbps$/);
    expect(complaints).toEqual([]);
  });

  it('switches at once, back and forth, although all of the video is buffered', async () => {
    await openPaused();
    const menu = page.getByLabel('화질 Quality');
    for (const [choice, height] of [
      ['180p · 0.3 Mbps', 180],
      ['360p · 0.9 Mbps', 360],
      ['180p · 0.3 Mbps', 180],
    ] as const) {
      await menu.selectOption(choice);
      await expect.poll(heightOf, { timeout: 5000 }).toBe(height);
    }
    await menu.selectOption('-1');
    await page.getByRole('button', { name: '재생 Play' }).click();
    await expect.poll(() => video().evaluate((element: HTMLVideoElement) => element.ended), { timeout: 10_000 }).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('switches while it plays, before what was buffered has ended', async () => {
    await openPlayer();
    await page.getByLabel('화질 Quality').selectOption('180p · 0.3 Mbps');
    await expect.poll(heightOf, { timeout: 5000, interval: 20 }).toBe(180);
    expect(await timeOf()).toBeLessThan(HLS_SECONDS - 0.5);
    await expect.poll(() => page.locator('#player-quality').textContent()).toBe('180p · 320×180 · 0.3 Mbps');
  });

  it('is worked by keys alone', async () => {
    await openPaused();
    const menu = page.getByLabel('화질 Quality');
    await menu.focus();
    await page.keyboard.press('End');
    expect(await menu.evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.text)).toBe('180p · 0.3 Mbps');
    await expect.poll(heightOf, { timeout: 5000 }).toBe(180);
  });
});

describe('the seek bar', () => {
  it('shows the picture and the time of the moment that is pointed at', async () => {
    await openPaused();
    const bar = await seekBar().boundingBox();
    if (bar === null) throw new Error('the seek bar is not there');
    for (const second of [3, 0, 2, 1]) {
      await page.mouse.move(bar.x + (bar.width * (second + 0.5)) / HLS_SECONDS, bar.y + bar.height / 2);
      await expect.poll(tileShown).toBe(second);
      expect(await page.locator('.seek-time').textContent()).toMatch(new RegExp(`^0:0[${second}${second + 1}]$`));
    }
    await page.mouse.move(bar.x + bar.width / 2, bar.y - 200);
    await page.locator('.seek-tip').waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);
  });

  it('goes where it is clicked', async () => {
    await openPaused();
    const bar = await seekBar().boundingBox();
    if (bar === null) throw new Error('the seek bar is not there');
    await page.mouse.click(bar.x + bar.width * 0.75, bar.y + bar.height / 2);
    await expect.poll(timeOf).toBeGreaterThan(2.9);
    expect(await timeOf()).toBeLessThan(3.1);
  });

  it('is worked by keys, with the picture of where it stands', async () => {
    await openPaused();
    await seekBar().focus();
    await page.keyboard.press('Home');
    await expect.poll(tileShown).toBe(0);
    for (let press = 0; press < 4; press += 1) await page.keyboard.press('PageUp');
    await expect.poll(timeOf).toBeCloseTo(HLS_SECONDS * 0.4, 1);
    await expect.poll(tileShown).toBe(1);
    expect(await seekBar().getAttribute('aria-valuetext')).toBe('0:02 / 0:04');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(timeOf).toBe(0);
    await page.keyboard.press('End');
    await expect.poll(tileShown).toBe(3);
    await page.keyboard.press('Tab');
    await page.locator('.seek-tip').waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);
  });

  it('shows the time alone when the storyboard cannot be loaded', async () => {
    served.status = { ...status, videos: [{ ...playable, storyboard: '/encoded/missing.vtt' }] };
    await openPaused();
    await seekBar().hover();
    await page.locator('.seek-time').waitFor();
    expect(await page.locator('.seek-picture').isVisible()).toBe(false);
    expect(await page.locator('#player-error').isVisible()).toBe(false);
  });
});

describe('the player', () => {
  it('is worked by keys: play, sound and steps, without taking those of the quality menu', async () => {
    await openPaused();
    await page.locator('#player-close').focus();
    await page.keyboard.press('k');
    await expect.poll(isPaused).toBe(false);
    await page.keyboard.press('k');
    await expect.poll(isPaused).toBe(true);
    const muted = () => video().evaluate((element: HTMLVideoElement) => element.muted);
    const before = await muted();
    await page.keyboard.press('m');
    expect(await muted()).toBe(!before);
    await page.getByRole('button', { name: before ? '음소거 Mute' : '소리 켜기 Unmute' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(timeOf).toBe(0);
    await page.getByLabel('화질 Quality').focus();
    await page.keyboard.press('m');
    expect(await muted()).toBe(!before);
    expect(complaints).toEqual([]);
  });

  it('goes full screen with its controls', async () => {
    await openPaused();
    await page.getByRole('button', { name: '전체 화면 Full screen' }).click();
    await expect.poll(() => page.evaluate(() => document.fullscreenElement?.id)).toBe('player-stage');
    await seekBar().hover();
    await expect.poll(tileShown).toBeGreaterThanOrEqual(0);
    await page.getByRole('button', { name: '전체 화면 끝내기 Exit full screen' }).click();
    await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBe(null);
  });

  it('lists the ladder as measured', async () => {
    await openPlayer();
    expect(await page.locator('#player-ladder > div').allTextContents()).toEqual(['360p640×360 · 0.9 Mbps', '180p320×180 · 0.3 Mbps']);
  });

  it('lists what is planned while nothing plays yet', async () => {
    await page.goto(`${served.url}#/videos/encoding`);
    await page.locator('#player[open]').waitFor();
    expect(await page.locator('#player-ladder > div').allTextContents()).toEqual([
      '720p1280×720 · 예정 planned',
      '480p854×480 · 예정 planned',
    ]);
  });

  /** Segments that are no media, for as long as it says so. */
  async function spoilSegments(isSpoilt: () => boolean | Promise<boolean>): Promise<void> {
    await page.route('**/*.ts', async (route) => {
      if (await isSpoilt()) await route.fulfill({ contentType: 'video/mp2t', body: 'x'.repeat(1880) });
      else await route.continue();
    });
  }

  it('recovers once from media that cannot be read, and plays on', async () => {
    // Recovering attaches a second source.
    await page.addInitScript(() => {
      const attached = URL.createObjectURL;
      URL.createObjectURL = (source) => {
        document.documentElement.dataset.sources = String(Number(document.documentElement.dataset.sources ?? 0) + 1);
        return attached.call(URL, source);
      };
    });
    const sources = () => page.evaluate(() => Number(document.documentElement.dataset.sources ?? 0));
    await spoilSegments(async () => (await sources()) < 2);
    await openPlayer();
    await expect.poll(() => video().evaluate((element: HTMLVideoElement) => element.ended), { timeout: 10_000 }).toBe(true);
    expect(await page.locator('#player-error').isVisible()).toBe(false);
    expect(await sources()).toBe(2);
  });

  it('says what to do when recovering does not help, and tries again when asked', async () => {
    let isSpoilt = true;
    await spoilSegments(() => isSpoilt);
    await page.goto(`${served.url}#/videos/played`);
    const error = page.locator('#player-error');
    await error.waitFor();
    expect(await error.textContent()).toBe(
      '이 브라우저에서 재생하지 못했습니다. 다시 시도하거나 다른 브라우저로 열어 주세요. ' +
        'This browser could not play it. Try again, or open it in another browser. fragParsingError',
    );
    expect(await contrastOf(error)).toBeGreaterThanOrEqual(4.5);
    isSpoilt = false;
    await page.getByRole('button', { name: '다시 시도 Try again' }).click();
    await expect.poll(timeOf, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await error.isVisible()).toBe(false);
  });

  it('says so at once when the browser knows none of the codecs', async () => {
    await page.route('**/index.m3u8', (route) =>
      route.fulfill({ body: '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360,CODECS="xyz1.1"\nindex_360p.m3u8\n' }),
    );
    await page.goto(`${served.url}#/videos/played`);
    await page.locator('#player-error').getByText('manifestIncompatibleCodecsError').waitFor();
    await expect.poll(() => page.locator('#player-stage[data-waiting]').count()).toBe(0);
    expect(await isPaused()).toBe(true);
    expect(await page.locator('.player-controls').evaluate((controls: HTMLElement) => controls.inert)).toBe(true);
  });

  it('tells a file that is gone from a connection that is', async () => {
    served.status = { ...status, videos: [{ ...playable, url: '/encoded/missing.m3u8' }] };
    await page.goto(`${served.url}#/videos/played`);
    await page.getByText('페이지를 새로 고쳐 주세요').waitFor();
    served.status = status;
    await page.route('**/index.m3u8', (route) => route.abort());
    await page.goto(`${served.url}?again#/videos/played`);
    await page.getByText('연결을 확인하고 다시 시도해 주세요').waitFor({ timeout: 20_000 });
  });

  it('leaves HLS to the browser where there is no MSE', async () => {
    await page.addInitScript(() => {
      for (const name of ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource']) Reflect.deleteProperty(window, name);
      HTMLMediaElement.prototype.canPlayType = (type) => (type === 'application/vnd.apple.mpegurl' ? 'maybe' : '');
    });
    await page.goto(`${served.url}#/videos/played`);
    await expect.poll(() => video().getAttribute('src')).toBe('/encoded/index.m3u8');
    expect(await page.locator('#player-choice').isVisible()).toBe(false);
    await video().evaluate((element) => {
      Object.defineProperties(element, { videoWidth: { value: 360 }, videoHeight: { value: 640 } });
      element.dispatchEvent(new Event('resize'));
    });
    expect(await page.locator('#player-quality').textContent()).toBe('360p · 360×640');
  });

  it('says so where HLS cannot be played at all', async () => {
    await page.addInitScript(() => {
      for (const name of ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource']) Reflect.deleteProperty(window, name);
      HTMLMediaElement.prototype.canPlayType = () => '';
    });
    await page.goto(`${served.url}#/videos/played`);
    await page.getByText('이 브라우저는 HLS를 재생할 수 없습니다').waitFor();
    expect(await page.locator('#player-retry').isVisible()).toBe(false);
  });
});

describe('a deep link', () => {
  it('is left by going back, and entered again by going forward', async () => {
    await page.goto(`${served.url}#/videos`);
    await page.getByRole('link', { name: '여름 캠페인' }).click();
    await video().waitFor();
    await page.goBack();
    await expect.poll(() => page.locator('#player').isVisible()).toBe(false);
    await page.goForward();
    await video().waitFor();
  });

  it('is entered again however fast one goes back and forward', async () => {
    await page.goto(`${served.url}#/videos`);
    await page.getByRole('link', { name: '여름 캠페인' }).click();
    await video().waitFor();
    // Forward before the dialog has told that it was closed: it must not take that for the person's wish to leave.
    const timesBack = await page.evaluate(async () => {
      const back = history.back.bind(history);
      let times = 0;
      history.back = () => {
        times += 1;
        back();
      };
      const next = (target: EventTarget, type: string) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
      const closed = next(document.getElementById('player') as HTMLElement, 'close');
      const left = next(window, 'hashchange').then(() => history.forward());
      history.back();
      await left;
      await Promise.all([closed, next(window, 'hashchange')]);
      return times;
    });
    expect(timesBack).toBe(1);
    await video().waitFor();
    expect(new URL(page.url()).hash).toBe('#/videos/played');
  });

  it('that was opened from the list is closed by going back: nothing piles up', async () => {
    await page.goto(`${served.url}#/videos`);
    const before = await page.evaluate(() => history.length);
    for (let turn = 0; turn < 2; turn += 1) {
      await page.getByRole('link', { name: '여름 캠페인' }).click();
      await video().waitFor();
      await page.getByRole('button', { name: '닫기 Close' }).click();
      await expect.poll(() => new URL(page.url()).hash).toBe('#/videos');
      expect(await page.locator('#player').isVisible()).toBe(false);
    }
    expect(await page.evaluate(() => history.length)).toBe(before + 1);
  });

  it('plays a video that the list no longer has', async () => {
    served.unlisted = [{ ...playable, id: 'older', title: '오래된 영상' }];
    await page.goto(`${served.url}#/videos/older`);
    await page.getByRole('heading', { name: '오래된 영상' }).waitFor();
    await expect.poll(timeOf, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  it('says that nothing was uploaded yet', async () => {
    served.unlisted = [sampleVideo({ id: 'planned', title: '계획된 영상', status: null, uploadedAt: null, version: null })];
    await page.goto(`${served.url}#/videos/planned`);
    await page.locator('#player').getByText('업로드 없음 Nothing uploaded yet').waitFor();
    expect(await video().count()).toBe(0);
  });

  it('says that there is no such video, and keeps its id in sight', async () => {
    await page.goto(`${served.url}#/videos/no-such`);
    await page.locator('#player').getByText('찾을 수 없는 동영상 No such video').waitFor();
    expect(await page.locator('#player-title').textContent()).toBe('no-such');
  });
});

describe('the list of videos', () => {
  const card = (id: string) => page.locator(`[data-video=${id}]`);
  const preview = (id: string) => card(id).locator('video.preview');
  const previewTime = (id: string) => preview(id).evaluate((clip: HTMLVideoElement) => clip.currentTime);

  it('plays the preview, silent, while a card is pointed at, and loads nothing before', async () => {
    const requested: string[] = [];
    page.on('request', (request) => requested.push(new URL(request.url()).pathname));
    await page.goto(`${served.url}#/videos`);
    await card('played').waitFor();
    expect(requested).not.toContain('/encoded/preview.mp4');
    await card('played').hover();
    await expect.poll(() => previewTime('played')).toBeGreaterThan(0);
    expect(await preview('played').evaluate((clip: HTMLVideoElement) => clip.muted)).toBe(true);
    await page.getByRole('heading', { name: '운영 현황' }).hover();
    await expect.poll(() => preview('played').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('plays the preview for the keyboard’s focus, too', async () => {
    await page.goto(`${served.url}#/videos`);
    const link = page.getByRole('link', { name: '여름 캠페인' });
    await link.waitFor();
    await page.locator('#upload-start').focus();
    for (let press = 0; press < 10 && !(await link.evaluate((element) => element === document.activeElement)); press += 1)
      await page.keyboard.press('Tab');
    await expect.poll(() => previewTime('played')).toBeGreaterThan(0);
    await page.keyboard.press('Tab');
    await expect.poll(() => preview('played').count()).toBe(0);
  });

  it('plays no preview for readers who prefer reduced motion', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(`${served.url}#/videos`);
    await card('played').hover();
    await page.getByRole('link', { name: '여름 캠페인' }).focus();
    expect(await preview('played').count()).toBe(0);
    await page.getByRole('heading', { name: '운영 현황' }).hover();
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await card('played').hover();
    expect(await preview('played').count()).toBe(1);
  });

  it('shows how far an encode is, and follows it', async () => {
    await page.clock.install();
    await page.goto(`${served.url}#/videos`);
    const bar = card('encoding').getByRole('progressbar', { name: '변환 Encoding' });
    await card('encoding').getByText('변환 중 42% Encoding').waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('42');
    served.status = { ...status, videos: [{ ...encoding, progressPercent: 77 }] };
    await page.clock.runFor(2_500);
    await card('encoding').getByText('변환 중 77% Encoding').waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('77');
    served.status = { ...status, videos: [{ ...encoding, status: 'checking', progressPercent: 100 }] };
    await page.clock.runFor(2_500);
    await card('encoding').getByText('결과 확인 중 Checking').waitFor();
    expect(await bar.isVisible()).toBe(false);
  });

  it('says which upload failed, why, that an older one plays, and what was paid for it', async () => {
    await page.goto(`${served.url}#/videos`);
    const failed = card('failed-again');
    await failed.getByText('재생 가능 · 새 파일 실패 Ready · new file failed').waitFor();
    expect(await failed.locator('.reason').textContent()).toBe('파일이 완전하지 않습니다. The file ends too early.');
    expect(await failed.locator('.lapse').textContent()).toBe(
      '11. 23. 02:00 업로드 (bbbbbbbbbbbb)는 반영되지 않았고, 11. 22. 02:00 업로드가 계속 재생됩니다. Upload of 11. 23. 02:00 is not published; that of 11. 22. 02:00 still plays.',
    );
    expect(await failed.locator('.cost').textContent()).toBe(
      '출력 3.5분 · 예상 $0.06 · 실제 $0.05 3.5 output min · estimate $0.06 · actual $0.05',
    );
    expect(await failed.locator('.chip').allTextContents()).toEqual(['360p', '180p']);
    expect(await card('played').locator('.lapse').isVisible()).toBe(false);
  });

  it.each(['light', 'dark'] as const)('is readable in %s: states, reasons and controls', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${served.url}#/videos`);
    for (const [id, part] of [
      ['played', '.badge'],
      ['encoding', '.badge'],
      ['failed-again', '.badge'],
      ['cancelled', '.badge'],
      ['failed-again', '.reason'],
      ['failed-again', '.lapse'],
      ['failed-again', '.cost'],
    ] as const) {
      const text = card(id).locator(part);
      await text.waitFor();
      expect(await contrastOf(text), `${id} ${part}`).toBeGreaterThanOrEqual(4.5);
    }
    await page.goto(`${served.url}#/videos/failed-again`);
    await page.locator('.player-time').waitFor();
    for (const part of ['.player-time', '#player-choice', '#player-lapse', '#player-cost', '#player-ladder dt']) {
      expect(await contrastOf(page.locator(part).first()), part).toBeGreaterThanOrEqual(4.5);
    }
  });
});
