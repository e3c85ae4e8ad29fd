import Hls, { type ErrorData, ErrorDetails, ErrorTypes, Events, type Level } from 'hls.js/light';
import type { PlaybackFault } from './labels.ts';

/** A rendition that can be played; `index` is for choosing it. */
export interface Quality {
  readonly index: number;
  /** By the short side, as the ladder names its rungs: `720p`. */
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Undefined where the browser plays HLS by itself: it does not tell. */
  readonly bitrateBps: number | undefined;
}

export interface PlaybackFailure {
  readonly fault: PlaybackFault;
  /** The player's own name for it, for whoever is told of it. */
  readonly detail: string;
}

export interface PlaybackListener {
  /** Not called where the browser plays HLS by itself and does not let us choose. -1 chooses automatically. */
  onQualities(qualities: readonly Quality[], choose: (index: number) => void): void;
  /** What plays now. */
  onQuality(quality: Quality): void;
  /** Nothing plays any more. */
  onFatal(failure: PlaybackFailure): void;
}

/** Plays a multivariant playlist: hls.js where there is MSE, else the browser's own HLS. Gives the function that ends it. */
export function playHls(video: HTMLVideoElement, url: string, listener: PlaybackListener): () => void {
  if (Hls.isSupported()) return playWithHlsJs(video, url, listener);
  if (video.canPlayType('application/vnd.apple.mpegurl') !== '') return playNatively(video, url, listener);
  listener.onFatal({ fault: 'unsupported', detail: 'no MSE, no HLS' });
  return () => {};
}

/** The light build: our renditions carry sound and picture together and have no subtitles. */
function playWithHlsJs(video: HTMLVideoElement, url: string, listener: PlaybackListener): () => void {
  const hls = new Hls({ enableWorker: false, capLevelToPlayerSize: true });
  let recovered = false;
  let chosen = false;
  hls.on(Events.MANIFEST_PARSED, () => {
    listener.onQualities(hls.levels.map(qualityOf), (index) => {
      // A choice is to be seen at once, so what is buffered goes; back to automatic there is nothing to hurry for.
      chosen = index !== -1;
      if (chosen) hls.currentLevel = index;
      else hls.nextLevel = index;
    });
  });
  hls.on(Events.LEVEL_SWITCHED, (_event, { level }) => {
    const playing = hls.levels[level];
    if (playing !== undefined) listener.onQuality(qualityOf(playing, level));
    // A paused element keeps showing the picture it has, until it seeks.
    if (chosen && video.paused) video.currentTime += 0;
  });
  hls.on(Events.ERROR, (_event, error) => {
    if (!error.fatal) return;
    // Codecs that the browser does not know are a media error, too, but attaching anew would end in silence.
    const isRecoverable = error.type === ErrorTypes.MEDIA_ERROR && error.details !== ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR;
    if (isRecoverable && !recovered) {
      recovered = true;
      // Attaching anew resets the element, which pauses it.
      const wasPlaying = !video.paused;
      hls.recoverMediaError();
      if (wasPlaying) video.play().catch(() => {}); // refused: the controls are there
      return;
    }
    hls.destroy();
    listener.onFatal({ fault: faultOf(error), detail: error.details });
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return () => hls.destroy();
}

function playNatively(video: HTMLVideoElement, url: string, listener: PlaybackListener): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  video.addEventListener(
    'resize',
    () => listener.onQuality(qualityOf({ width: video.videoWidth, height: video.videoHeight, bitrate: undefined }, 0)),
    { signal },
  );
  video.addEventListener(
    'error',
    () => {
      const fault = video.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'network' : 'media';
      listener.onFatal({ fault, detail: video.error?.message || `MediaError ${video.error?.code}` });
    },
    { signal },
  );
  video.src = url;
  return () => {
    ended.abort();
    video.removeAttribute('src');
    video.load();
  };
}

function faultOf({ type, response }: ErrorData): PlaybackFault {
  if (type !== ErrorTypes.NETWORK_ERROR) return 'media';
  const status = response?.code ?? 0;
  return status === 403 || status === 404 || status === 410 ? 'gone' : 'network';
}

function qualityOf(
  { width, height, bitrate }: Pick<Level, 'width' | 'height'> & { readonly bitrate: number | undefined },
  index: number,
): Quality {
  return { index, name: `${Math.min(width, height)}p`, widthPx: width, heightPx: height, bitrateBps: bitrate };
}
