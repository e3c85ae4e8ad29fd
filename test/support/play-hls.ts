import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** How one level played when it was forced. */
export interface PlayedLevel {
  readonly width: number;
  readonly height: number;
  /** Where it ended. */
  readonly endedAt: number;
  readonly duration: number;
  /** Ranges of the buffer at the end; more than one is a hole. */
  readonly bufferedRanges: number;
}

export interface PlayedHls {
  readonly levels: readonly PlayedLevel[];
  /** Where seeks were wanted, and where the video was afterwards. */
  readonly seeks: readonly { readonly wanted: number; readonly reached: number }[];
  /** What hls.js recovered from by itself. */
  readonly recovered: readonly string[];
}

/** Puts hls.js' full build, which tests may drive level by level, into the page. */
export async function addHls(page: Page): Promise<void> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js') });
}

/**
 * Plays a multivariant playlist to its end on every level, forced, at four times the speed; then seeks, also onto edges of segments, changes the level
 * in the middle and plays on to the end.
 * @throws for a fatal error of hls.js, and when an end is not reached in time
 */
export async function playHls(page: Page, url: string, { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<PlayedHls> {
  return page.evaluate(playEveryLevel, { url, timeoutMs });
}

/** Runs in the browser: refers to nothing outside. */
async function playEveryLevel({ url, timeoutMs }: { url: string; timeoutMs: number }): Promise<PlayedHls> {
  const { Hls } = window as unknown as { Hls: typeof import('hls.js').default };
  const recovered: string[] = [];

  const within = <T>(what: string, video: HTMLVideoElement, work: Promise<T>): Promise<T> =>
    Promise.race([
      work,
      new Promise<never>((_, reject) =>
        setTimeout(() => {
          const buffered = Array.from(
            { length: video.buffered.length },
            (_, at) => `${video.buffered.start(at)}-${video.buffered.end(at)}`,
          );
          const state = `at ${video.currentTime} of ${video.duration} s, readyState ${video.readyState}, buffered ${buffered.join(' ')}`;
          reject(new Error(`${url} has not ${what} after ${timeoutMs} ms: ${state}; recovered: ${recovered.join(', ')}`));
        }, timeoutMs),
      ),
    ]);
  const happened = (video: HTMLVideoElement, event: string) =>
    new Promise<void>((resolve) => video.addEventListener(event, () => resolve(), { once: true }));

  const open = async (level: number) => {
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const hls = new Hls({ startLevel: level });
    const failed = new Promise<never>((_, reject) =>
      hls.on(Hls.Events.ERROR, (_event, { fatal, type, details, error }) => {
        if (fatal) reject(new Error(`${url}: ${type} ${details}: ${error.message}`));
        else recovered.push(details);
      }),
    );
    const ended = new Promise<void>((resolve) => hls.on(Hls.Events.BUFFER_EOS, () => resolve()));
    const parsed = new Promise<void>((resolve) => hls.on(Hls.Events.MANIFEST_PARSED, () => resolve()));
    hls.loadSource(url);
    hls.attachMedia(video);
    await within('loaded', video, Promise.race([parsed, failed]));
    hls.currentLevel = level;
    const toEnd = async () => {
      const end = happened(video, 'ended');
      video.playbackRate = 4;
      await within('started', video, Promise.race([video.play(), failed]));
      await within('ended', video, Promise.race([Promise.all([end, ended]), failed]));
    };
    const close = () => {
      hls.destroy();
      video.remove();
    };
    return { video, hls, failed, toEnd, close };
  };

  const levels: PlayedLevel[] = [];
  const seeks: { wanted: number; reached: number }[] = [];
  let level = 0;
  while (true) {
    const player = await open(level);
    const { video, hls, failed } = player;
    await player.toEnd();
    levels.push({
      ...{ width: video.videoWidth, height: video.videoHeight, endedAt: video.currentTime, duration: video.duration },
      bufferedRanges: video.buffered.length,
    });
    const count = hls.levels.length;
    if (level + 1 === count) {
      for (const share of [0.5, 0, 6 / video.duration, 0.9]) {
        if (share >= 1) continue;
        const wanted = share * video.duration;
        const seeked = happened(video, 'seeked');
        video.currentTime = wanted;
        await within(`reached ${wanted} s`, video, Promise.race([seeked, failed]));
        seeks.push({ wanted, reached: video.currentTime });
      }
      video.currentTime = video.duration / 3;
      hls.currentLevel = (level + 1) % count;
      const end = happened(video, 'ended');
      await within('started', video, Promise.race([video.play(), failed]));
      await within('ended after seeks and a change of level', video, Promise.race([end, failed]));
      player.close();
      return { levels, seeks, recovered };
    }
    player.close();
    level += 1;
  }
}
