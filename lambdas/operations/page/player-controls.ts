import { h, setAttribute, setText } from './dom.ts';
import { formatClock } from './format.ts';
import { createSeekBar, SEEK_STEP_SECONDS, type SeekBar } from './seek-bar.ts';

export interface PlayerControls {
  readonly node: HTMLElement;
  readonly seekBar: SeekBar;
  focus(): void;
}

/** iPhones show a video full screen, but no other element. */
interface PhoneVideo extends HTMLVideoElement {
  readonly webkitEnterFullscreen?: () => void;
}

/**
 * Play, seek, sound, quality and full screen. Of our own, because browsers do not tell where the pointer is on theirs, and the storyboard has to.
 * @param stage what becomes full screen: picture and controls
 * @param keys hears the shortcuts: only while focus is in it
 */
export function createControls(
  video: PhoneVideo,
  { stage, keys, quality, signal }: { stage: HTMLElement; keys: HTMLElement; quality: HTMLElement; signal: AbortSignal },
): PlayerControls {
  const seekBar = createSeekBar(video, signal);
  const play = h('button', { type: 'button', class: 'icon', 'data-icon': 'play' });
  const sound = h('button', { type: 'button', class: 'icon', 'data-icon': 'sound' });
  const screen = h('button', { type: 'button', class: 'icon', 'data-icon': 'screen' });
  const time = h('span', { class: 'player-time' });
  const node = h(
    'div',
    { class: 'player-controls', role: 'group', 'aria-label': '재생 조작 Playback' },
    play,
    seekBar.node,
    time,
    sound,
    quality,
    screen,
  );
  screen.hidden = stage.requestFullscreen === undefined && video.webkitEnterFullscreen === undefined;

  function show(): void {
    name(play, video.paused ? ['play', '재생 Play'] : ['pause', '일시 정지 Pause']);
    name(sound, video.muted ? ['muted', '소리 켜기 Unmute'] : ['sound', '음소거 Mute']);
    name(
      screen,
      document.fullscreenElement === stage ? ['shrink', '전체 화면 끝내기 Exit full screen'] : ['screen', '전체 화면 Full screen'],
    );
    setText(time, `${formatClock(video.currentTime)} / ${formatClock(Number.isFinite(video.duration) ? video.duration : 0)}`);
    setAttribute(stage, 'data-waiting', !video.paused && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !video.ended);
  }

  const actions = {
    play() {
      if (video.paused)
        video.play().catch(() => {}); // refused or replaced: the button still says "play"
      else video.pause();
    },
    mute() {
      video.muted = !video.muted;
    },
    fullScreen() {
      if (document.fullscreenElement === stage) void document.exitFullscreen();
      else if (stage.requestFullscreen !== undefined)
        stage.requestFullscreen().catch(() => {}); // refused: the page stays as it is
      else video.webkitEnterFullscreen?.();
    },
  };
  play.addEventListener('click', actions.play);
  video.addEventListener('click', actions.play);
  sound.addEventListener('click', actions.mute);
  screen.addEventListener('click', actions.fullScreen);
  keys.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
      // A focused button is pressed by the space bar itself.
      if (event.key === ' ' && event.target instanceof HTMLButtonElement) return;
      const act = shortcuts[event.key.toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
  const shortcuts: Readonly<Record<string, () => void>> = {
    ' ': actions.play,
    k: actions.play,
    m: actions.mute,
    f: actions.fullScreen,
    arrowleft: () => {
      video.currentTime -= SEEK_STEP_SECONDS;
    },
    arrowright: () => {
      video.currentTime += SEEK_STEP_SECONDS;
    },
  };
  for (const event of [
    'play',
    'pause',
    'ended',
    'timeupdate',
    'durationchange',
    'volumechange',
    'waiting',
    'playing',
    'canplay',
    'seeking',
    'seeked',
    'emptied', // resetting the element pauses it, and says no 'pause'
  ]) {
    video.addEventListener(event, show, { signal });
  }
  document.addEventListener('fullscreenchange', show, { signal });
  show();
  return { node, seekBar, focus: () => play.focus() };
}

function name(button: HTMLButtonElement, [icon, label]: readonly [icon: string, label: string]): void {
  setAttribute(button, 'data-icon', icon);
  setAttribute(button, 'aria-label', label);
  setAttribute(button, 'title', label);
}
