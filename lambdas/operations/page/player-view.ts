import type { Status, VideoStatus } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { bilingual } from './labels.ts';
import { playHls, type Quality } from './play-hls.ts';
import { factsOf, linkedId, stateOf, titleOf } from './video-facts.ts';

/** The player over the page, open while the address names a video: `#/videos/<id>`. */
export function playerView(): (status: Status) => void {
  const dialog = byId<HTMLDialogElement>('player');
  const parts = {
    title: byId('player-title'),
    stage: byId('player-stage'),
    state: byId('player-state'),
    facts: byId('player-facts'),
    reason: byId('player-reason'),
    quality: byId('player-quality'),
    choice: byId<HTMLSelectElement>('player-choice'),
    error: byId('player-error'),
  };
  let videos: readonly VideoStatus[] | undefined;
  /** What plays: `<id> <url>`, so that a new version of the video starts anew. */
  let playing = '';
  let stop = () => {};

  function show(): void {
    const id = linkedId(location.hash);
    if (id === undefined || videos === undefined) {
      dialog.close();
      return;
    }
    const video = videos.find((candidate) => candidate.id === id);
    describe(id, video);
    if (!dialog.open) dialog.showModal();
    const wanted = video?.url ? `${id} ${video.url}` : '';
    if (wanted === playing) return;
    end();
    playing = wanted;
    if (video?.url) stop = start(video, video.url);
  }

  function describe(id: string, video: VideoStatus | undefined): void {
    setText(parts.title, video === undefined ? id : titleOf(video));
    setText(parts.facts, video === undefined ? '' : factsOf(video));
    setAttribute(parts.state, 'data-state', video?.status ?? 'failed');
    parts.state.replaceChildren(bilingual(video === undefined ? { ko: '찾을 수 없는 동영상', en: 'No such video here' } : stateOf(video)));
    parts.reason.replaceChildren(video?.reason ? bilingual(video.reason) : '');
    parts.reason.hidden = !video?.reason;
    parts.stage.hidden = !video?.url;
  }

  function start(video: VideoStatus, url: string): () => void {
    const element = h('video', { controls: true, playsinline: true, preload: 'auto', poster: video.thumbnail ?? undefined });
    element.setAttribute('aria-label', titleOf(video));
    parts.stage.replaceChildren(element);
    const stopHls = playHls(element, url, {
      onQualities: offerQualities,
      onQuality: (description) => setText(parts.quality, description),
      onFatal(message) {
        setText(parts.error, message);
        parts.error.hidden = false;
      },
    });
    void playAloudOrMuted(element);
    return () => {
      stopHls();
      element.pause();
      element.remove();
    };
  }

  function offerQualities(qualities: readonly Quality[], choose: (index: number) => void): void {
    const all: readonly Quality[] = [{ index: -1, name: '자동 Auto' }, ...qualities];
    parts.choice.replaceChildren(...all.map(({ index, name }) => h('option', { value: index }, name)));
    parts.choice.onchange = () => choose(Number(parts.choice.value));
    parts.choice.hidden = qualities.length < 2;
  }

  function end(): void {
    stop();
    stop = () => {};
    playing = '';
    setText(parts.quality, '');
    parts.choice.hidden = true;
    parts.error.hidden = true;
  }

  dialog.addEventListener('close', () => {
    end();
    if (linkedId(location.hash) !== undefined) history.pushState(null, '', location.pathname + location.search);
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  byId('player-close').addEventListener('click', () => dialog.close());
  addEventListener('hashchange', show);
  return (status) => {
    videos = status.videos;
    show();
  };
}

/** A deep link opens without a click, and then browsers refuse sound: it starts muted. Where that is refused too, the controls are there. */
async function playAloudOrMuted(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
    video.muted = true;
    await video.play().catch(() => {});
  }
}
