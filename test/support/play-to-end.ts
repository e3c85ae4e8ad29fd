import type { Page } from 'playwright-core';

export interface Played {
  readonly currentTime: number;
  readonly duration: number;
  /** Of the rendition that played last. */
  readonly width: number;
  readonly height: number;
  /** As the player shows it: `720p · 1280×720 · 2.1 Mbps`. */
  readonly quality: string;
}

export interface PlayOptions {
  /** @default 1 */
  readonly playbackRate?: number;
  /** @default 60 s */
  readonly timeoutMs?: number;
}

/**
 * Opens a video's deep link on the console page and plays it to its end.
 * @throws when the player reports a fatal error, or the end is not reached in time, saying how far it came
 */
export async function playToEnd(page: Page, videoId: string, { playbackRate = 1, timeoutMs = 60_000 }: PlayOptions = {}): Promise<Played> {
  await page.evaluate((id) => {
    location.hash = `#/videos/${encodeURIComponent(id)}`;
  }, videoId);
  await page.locator('#player video').waitFor({ timeout: timeoutMs });
  return page.evaluate(watch, { playbackRate, timeoutMs });
}

/** Runs in the browser: refers to nothing outside. */
async function watch({ playbackRate, timeoutMs }: { playbackRate: number; timeoutMs: number }): Promise<Played> {
  const video = document.querySelector<HTMLVideoElement>('#player video');
  const error = document.querySelector<HTMLElement>('#player-error');
  if (video === null || error === null) throw new Error('the page has no player');
  const giveUpAt = Date.now() + timeoutMs;
  while (!video.ended) {
    const reached = `at ${video.currentTime} of ${video.duration} s (readyState ${video.readyState}, paused ${video.paused})`;
    if (!error.hidden) throw new Error(`the player gave up ${reached}: ${error.textContent}`);
    if (Date.now() > giveUpAt) throw new Error(`the video had not ended after ${timeoutMs} ms, ${reached}`);
    if (video.playbackRate !== playbackRate) video.playbackRate = playbackRate;
    if (video.paused && !video.ended && video.readyState >= 3) await video.play();
    await new Promise((resume) => setTimeout(resume, 50));
  }
  const quality = document.querySelector('#player-quality')?.textContent ?? '';
  return { currentTime: video.currentTime, duration: video.duration, width: video.videoWidth, height: video.videoHeight, quality };
}
