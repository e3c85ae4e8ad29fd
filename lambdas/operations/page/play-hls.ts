import Hls, { ErrorTypes, Events } from 'hls.js/light';

/** What can be played: `index` for choosing it, -1 being automatic. */
export interface Quality {
  readonly index: number;
  readonly name: string;
}

export interface PlaybackListener {
  /** Tallest first; empty where the browser plays HLS by itself and does not let us choose. */
  onQualities(qualities: readonly Quality[], choose: (index: number) => void): void;
  /** What plays now: `720p · 1280×720 · 2.1 Mbps`. */
  onQuality(description: string): void;
  /** Nothing plays any more. */
  onFatal(message: string): void;
}

/** Plays a multivariant playlist: hls.js where there is MSE, else the browser's own HLS. Gives the function that ends it. */
export function playHls(video: HTMLVideoElement, url: string, listener: PlaybackListener): () => void {
  if (Hls.isSupported()) return playWithHlsJs(video, url, listener);
  if (video.canPlayType('application/vnd.apple.mpegurl') !== '') return playNatively(video, url, listener);
  listener.onFatal('이 브라우저는 HLS를 재생할 수 없습니다. This browser cannot play HLS.');
  return () => {};
}

/** The light build: our renditions carry sound and picture together and have no subtitles. */
function playWithHlsJs(video: HTMLVideoElement, url: string, listener: PlaybackListener): () => void {
  const hls = new Hls({ enableWorker: false, capLevelToPlayerSize: true });
  let repaired = false;
  hls.on(Events.MANIFEST_PARSED, () => {
    const qualities = hls.levels.map(({ width, height }, index) => ({ index, name: nameOf(width, height) }));
    listener.onQualities(qualities.reverse(), (index) => {
      hls.nextLevel = index;
    });
  });
  hls.on(Events.LEVEL_SWITCHED, (_event, { level }) => {
    const { width = 0, height = 0, bitrate = 0 } = hls.levels[level] ?? {};
    listener.onQuality(`${describe(width, height)} · ${(bitrate / 1e6).toFixed(1)} Mbps`);
  });
  hls.on(Events.ERROR, (_event, { fatal, type, details }) => {
    if (!fatal) return;
    if (type === ErrorTypes.MEDIA_ERROR && !repaired) {
      repaired = true;
      hls.recoverMediaError();
      return;
    }
    hls.destroy();
    listener.onFatal(`재생할 수 없습니다. Playback failed: ${details}`);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return () => hls.destroy();
}

function playNatively(video: HTMLVideoElement, url: string, listener: PlaybackListener): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  video.addEventListener('resize', () => listener.onQuality(describe(video.videoWidth, video.videoHeight)), { signal });
  video.addEventListener('error', () => listener.onFatal(`재생할 수 없습니다. Playback failed: ${video.error?.message ?? ''}`), { signal });
  video.src = url;
  return () => {
    ended.abort();
    video.removeAttribute('src');
    video.load();
  };
}

function describe(width: number, height: number): string {
  return `${nameOf(width, height)} · ${width}×${height}`;
}

/** By the short side, as the ladder names its rungs. */
function nameOf(width: number, height: number): string {
  return `${Math.min(width, height)}p`;
}
