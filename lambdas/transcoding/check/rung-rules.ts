import { IDR_TICKS } from './continuity.ts';
import type { Findings } from './fault-log.ts';
import { type MediaPlaylist, totalSeconds } from './media-playlist.ts';
import type { RungState } from './rung-state.ts';
import { showSeconds, TICKS_PER_SECOND, ticksBetween } from './ticks.ts';

/** Rates that cameras and MediaConvert give. */
const NATURAL_RATES = [1, 5, 10, 15, 24_000 / 1001, 24, 25, 30_000 / 1001, 30, 48, 50, 60_000 / 1001, 60];
const HIGHEST_RATE = 60;
const RATE_TOLERANCE = 0.001;
const AUDIO_BPS = { lowest: 32_000, highest: 160_000 };
/** An encoder at a constant rate keeps to it over a while. */
const AUDIO_TOLERANCE = 1.05;
/** Check 48 without a decoder: a source that promises this much more than came out has lost pictures. */
const LOST_SECONDS = 1;
const LOST_SHARE = 0.05;

export interface PromisedStream {
  readonly framesPerSecond: number;
  readonly durationSeconds: number;
}

/** The rate of a rung's pictures; what the promise says where one picture has none. */
export function measuredRate(state: RungState, promised: PromisedStream): number {
  if (state.video === null || state.frames < 2 || state.video.spanTicks <= 0) return promised.framesPerSecond;
  return ((state.frames - 1) * TICKS_PER_SECOND) / state.video.spanTicks;
}

/** From the first picture to the end of the last. */
export function measuredSeconds(state: RungState, promised: PromisedStream): number {
  return (state.video?.spanTicks ?? 0) / TICKS_PER_SECOND + 1 / measuredRate(state, promised);
}

/** What a whole rung must be: checks 13, 18 and 25 at its end, 36, 38 and the part of 48 that needs no decoder. */
export function checkRung(
  state: RungState,
  playlist: MediaPlaylist,
  file: string,
  promised: PromisedStream,
  { faults, warnings }: Findings,
): void {
  if (state.video === null) return;
  const rate = measuredRate(state, promised);
  const frameSeconds = 1 / rate;
  const seconds = measuredSeconds(state, promised);
  const written = totalSeconds(playlist);
  if (Math.abs(written - seconds) > frameSeconds) {
    faults.add(13, file, `EXTINF sum up to ${written.toFixed(3)} s`, `${seconds.toFixed(3)} s of pictures`);
  }
  const end = state.video.lastIdrPts === null ? 0 : ticksBetween(state.video.lastIdrPts, state.video.highestPts);
  if (end > IDR_TICKS + TICKS_PER_SECOND * frameSeconds) faults.add(18, file, `${showSeconds(end)} after its last IDR`, 'at most 2 s');
  checkRate(rate, file, promised, { faults, warnings });
  const lost = promised.durationSeconds - seconds;
  if (lost > Math.max(LOST_SECONDS, LOST_SHARE * promised.durationSeconds)) {
    faults.add(48, file, `${seconds.toFixed(3)} s`, `the source's ${promised.durationSeconds.toFixed(3)} s`);
  }
  checkSound(state, frameSeconds, file, { faults, warnings });
}

function checkRate(rate: number, file: string, { framesPerSecond }: PromisedStream, { faults }: Findings): void {
  const isNear = (one: number) => Math.abs(rate / one - 1) <= RATE_TOLERANCE;
  const halves = [1, 2, 4, 8].map((divisor) => framesPerSecond / divisor);
  if (rate > HIGHEST_RATE * (1 + RATE_TOLERANCE)) faults.add(36, file, `${rate.toFixed(3)} pictures a second`, `at most ${HIGHEST_RATE}`);
  else if (![...NATURAL_RATES, ...halves].some(isNear)) {
    faults.add(36, file, `${rate.toFixed(3)} pictures a second`, `a natural rate or the source's ${framesPerSecond.toFixed(3)}`);
  }
}

function checkSound({ video, audio }: RungState, frameSeconds: number, file: string, { faults, warnings }: Findings): void {
  if (video === null || audio === null || audio.format === null || audio.frames === 0) return;
  const aacTicks = (1024 * TICKS_PER_SECOND) / audio.format.sampleRateHz;
  // From first to last start, on both sides; AAC's encoder puts one frame before the sound.
  const drift = Math.abs(audio.spanTicks - aacTicks - video.spanTicks);
  if (drift > frameSeconds * TICKS_PER_SECOND + 2 * aacTicks) {
    const expected = showSeconds(frameSeconds * TICKS_PER_SECOND + 2 * aacTicks);
    faults.add(25, file, `audio and picture ${showSeconds(drift)} apart in length`, `at most ${expected}`);
  }
  const bps = (audio.bytes * 8 * TICKS_PER_SECOND) / (audio.frames * aacTicks);
  const found = `audio of ${Math.round(bps)} b/s`;
  if (bps > AUDIO_BPS.highest * AUDIO_TOLERANCE) faults.add(38, file, found, `at most ${AUDIO_BPS.highest}`);
  if (bps < AUDIO_BPS.lowest) warnings.add(38, file, found, `at least ${AUDIO_BPS.lowest}; silence needs less`);
}
