import type { Status, VideoStatus } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatBitrate } from './format.ts';
import { bilingual, type Label, playbackLabels, say } from './labels.ts';
import { type PlaybackFailure, playHls, type Quality } from './play-hls.ts';
import { createControls } from './player-controls.ts';
import { createQualityMenu } from './quality-menu.ts';
import { readStoryboard } from './storyboard.ts';
import { costOf, factsOf, lapseOf, linkedId, stateOf, titleOf } from './video-facts.ts';
import { type LinkedVideo, videoLookup } from './video-lookup.ts';

const NOT_SHOWN: Readonly<Record<Extract<LinkedVideo, string>, Label>> = {
  asking: { ko: '동영상을 찾는 중', en: 'Looking it up' },
  missing: { ko: '찾을 수 없는 동영상', en: 'No such video' },
  unreachable: { ko: '동영상 정보를 가져오지 못했습니다', en: 'The API does not answer' },
};

/** Entries of the history that were reached from the page itself: closing the player goes back there. */
const FROM_LIST = { fromList: true };

/** What the dialog returns where the address closed it, not the person: nothing is to be left any more. */
const BY_ADDRESS = 'address';

/** The player over the page, open while the address names a video: `#/videos/<id>`. */
export function playerView(): (status: Status) => void {
  const dialog = byId<HTMLDialogElement>('player');
  const parts = {
    title: byId('player-title'),
    stage: byId('player-stage'),
    state: byId('player-state'),
    facts: byId('player-facts'),
    reason: byId('player-reason'),
    lapse: byId('player-lapse'),
    ladder: byId('player-ladder'),
    cost: byId('player-cost'),
    quality: byId('player-quality'),
    error: byId('player-error'),
    retry: byId<HTMLButtonElement>('player-retry'),
  };
  const find = videoLookup(() => show(false));
  let videos: readonly VideoStatus[] | undefined;
  /** What plays: `<id> <url>`, so that a new version of the video starts anew. */
  let playing = '';
  let described = '';
  let stop = () => {};
  /** Going back takes a moment, in which the address still names the video. */
  let leaving = false;

  function show(anew: boolean): void {
    const id = linkedId(location.hash);
    if (id === undefined || videos === undefined || leaving) {
      end();
      dialog.close(BY_ADDRESS);
      return;
    }
    const found = find(id, videos, anew);
    describe(id, found);
    if (!dialog.open) {
      dialog.returnValue = '';
      dialog.showModal();
    }
    const video = typeof found === 'string' ? undefined : found;
    const wanted = video?.url ? `${id} ${video.url}` : '';
    if (wanted === playing) return;
    end();
    playing = wanted;
    if (video?.url) start(video, video.url);
  }

  function describe(id: string, found: LinkedVideo): void {
    const text = JSON.stringify([id, found]);
    if (text === described) return;
    described = text;
    const video = typeof found === 'string' ? undefined : found;
    setText(parts.title, video === undefined ? id : titleOf(video));
    setText(parts.facts, video === undefined ? '' : factsOf(video));
    setAttribute(parts.state, 'data-state', video === undefined ? found === 'missing' && 'failed' : video.status);
    parts.state.replaceChildren(bilingual(typeof found === 'string' ? NOT_SHOWN[found] : stateOf(found)));
    say(parts.reason, video?.reason);
    say(parts.lapse, video && lapseOf(video));
    say(parts.cost, video && costOf(video));
    const ladder = video === undefined ? [] : ladderOf(video);
    parts.ladder.hidden = ladder.length === 0;
    parts.ladder.replaceChildren(...ladder);
    parts.stage.hidden = !video?.url;
  }

  function start(video: VideoStatus, url: string, fromSeconds = 0): void {
    const ended = new AbortController();
    const { signal } = ended;
    const element = h('video', { playsinline: true, preload: 'auto', poster: video.thumbnail, 'aria-label': titleOf(video) });
    const menu = createQualityMenu();
    const controls = createControls(element, { stage: parts.stage, keys: dialog, quality: menu.node, signal });
    parts.stage.replaceChildren(element, controls.node);
    if (fromSeconds > 0) element.addEventListener('loadedmetadata', () => (element.currentTime = fromSeconds), { once: true, signal });
    if (video.storyboard !== null) {
      // Without it the seek bar shows the time alone.
      readStoryboard(video.storyboard, signal).then(controls.seekBar.showStoryboard, () => {});
    }
    let hasFailed = false;
    const stopHls = playHls(element, url, {
      onQualities: menu.offer,
      onQuality(quality) {
        menu.showPlaying(quality);
        setText(parts.quality, describeQuality(quality));
      },
      onFatal(failure) {
        const reachedSeconds = element.currentTime;
        hasFailed = true;
        element.pause();
        controls.node.inert = true;
        fail(failure, () => restart(video, url, reachedSeconds));
      },
    });
    controls.focus();
    void playAloudOrMuted(element, () => !hasFailed);
    stop = () => {
      ended.abort();
      stopHls();
      element.pause();
      parts.stage.replaceChildren();
    };
  }

  function restart(video: VideoStatus, url: string, fromSeconds: number): void {
    const same = playing;
    end();
    playing = same;
    start(video, url, fromSeconds);
  }

  function fail({ fault, detail }: PlaybackFailure, retry: () => void): void {
    parts.error.replaceChildren(bilingual(playbackLabels[fault]), ' ', h('code', {}, detail));
    parts.retry.hidden = fault === 'unsupported';
    parts.retry.onclick = retry;
    parts.error.hidden = false;
  }

  function end(): void {
    stop();
    stop = () => {};
    playing = '';
    setText(parts.quality, '');
    parts.error.hidden = true;
    parts.retry.hidden = true;
  }

  dialog.addEventListener('close', () => {
    // The event comes later than the closing: by then the address may name a video again.
    if (dialog.open || dialog.returnValue === BY_ADDRESS) return;
    end();
    if (linkedId(location.hash) === undefined || leaving) return;
    if (isFromList(history.state)) {
      leaving = true;
      history.back();
    } else {
      history.replaceState(null, '', location.pathname + location.search);
    }
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  byId('player-close').addEventListener('click', () => dialog.close());
  addEventListener('hashchange', ({ oldURL }) => {
    leaving = false;
    if (linkedId(location.hash) !== undefined && linkedId(new URL(oldURL).hash) === undefined) history.replaceState(FROM_LIST, '');
    show(false);
  });
  return (status) => {
    videos = status.videos;
    show(true);
  };
}

/** `720p · 1280×720 · 2.1 Mbps` */
function describeQuality({ name, widthPx, heightPx, bitrateBps }: Quality): string {
  return [name, `${widthPx}×${heightPx}`, ...(bitrateBps === undefined ? [] : [formatBitrate(bitrateBps)])].join(' · ');
}

function isFromList(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'fromList' in state;
}

/** A deep link opens without a click, and then browsers refuse sound: it starts muted. Where that is refused too, the controls are there. */
async function playAloudOrMuted(video: HTMLVideoElement, isWanted: () => boolean): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || !isWanted()) return;
    video.muted = true;
    await video.play().catch(() => {});
  }
}

/** What plays, as measured; before anything plays, what is being made. */
function ladderOf({ renditions, planned }: VideoStatus): readonly HTMLElement[] {
  const rung = (name: string, ...facts: readonly (string | Node)[]) => h('div', {}, h('dt', {}, name), h('dd', {}, ...facts));
  if (renditions.length === 0) {
    return planned.map(({ name, width, height }) => rung(name, `${width}×${height} · `, bilingual({ ko: '예정', en: 'planned' })));
  }
  return renditions.map(({ name, width, height, averageBitrateBps }) =>
    rung(name, [`${width}×${height}`, ...(averageBitrateBps ? [formatBitrate(averageBitrateBps)] : [])].join(' · ')),
  );
}
