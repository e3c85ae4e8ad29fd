import type { Findings } from './fault-log.ts';
import { type MediaPlaylist, totalSeconds } from './media-playlist.ts';

export const SEGMENT_SECONDS = 6;
/** Apple 7.7. */
const ABOVE_TARGET_SECONDS = 0.5;
const SHORTEST_LAST_SECONDS = 0.5;

/** What one media playlist of a rung must say: checks 4, 5, 7 to 12, and 21's tag. `frameSeconds` is the tolerance of check 10. */
export function checkMediaPlaylist(playlist: MediaPlaylist, file: string, frameSeconds: number, { faults, warnings }: Findings): void {
  const { version, neededVersion, targetSeconds, type, ended, discontinuities, segments } = playlist;
  if (version < neededVersion) faults.add(4, file, `EXT-X-VERSION ${version}`, `${neededVersion} for the tags it uses`);
  if (type !== 'VOD') faults.add(5, file, `EXT-X-PLAYLIST-TYPE ${type ?? 'missing'}`, 'VOD');
  if (!ended) faults.add(5, file, 'no EXT-X-ENDLIST as its last line', 'a finished playlist');
  if (discontinuities > 0) faults.add(21, file, `${discontinuities} EXT-X-DISCONTINUITY`, 'none');
  if (segments.length === 0) faults.add(14, file, 'no segments', 'at least one');
  checkTarget(playlist, file, { faults, warnings });
  for (const [index, { uri, durationSeconds, durationText }] of segments.entries()) {
    const found = `EXTINF ${durationText} of ${uri}`;
    if (targetSeconds !== undefined && Math.round(durationSeconds) > targetSeconds) {
      faults.add(8, file, found, `at most ${targetSeconds} when rounded`);
    }
    if (durationSeconds > (targetSeconds ?? SEGMENT_SECONDS) + ABOVE_TARGET_SECONDS) {
      faults.add(9, file, found, `at most ${(targetSeconds ?? SEGMENT_SECONDS) + ABOVE_TARGET_SECONDS}`);
    }
    const isLast = index === segments.length - 1;
    if (!isLast && Math.abs(durationSeconds - SEGMENT_SECONDS) > frameSeconds) {
      faults.add(10, file, found, `${SEGMENT_SECONDS} s within ${frameSeconds.toFixed(3)}`);
    }
    if (isLast && index > 0 && durationSeconds < SHORTEST_LAST_SECONDS) warnings.add(11, file, found, `at least ${SHORTEST_LAST_SECONDS}`);
  }
  const rough = segments.find(({ durationText }) => !/\.\d{3}/.test(durationText));
  if (rough !== undefined) warnings.add(12, file, `EXTINF ${rough.durationText} of ${rough.uri}`, 'three decimals');
}

/** A clip shorter than a segment may say how short it is; everything else says six. */
function checkTarget(playlist: MediaPlaylist, file: string, { faults }: Findings): void {
  const { targetSeconds, segments } = playlist;
  const isShort = segments.length === 1 && totalSeconds(playlist) < SEGMENT_SECONDS;
  if (targetSeconds === SEGMENT_SECONDS || (isShort && targetSeconds !== undefined && targetSeconds < SEGMENT_SECONDS)) return;
  faults.add(7, file, `EXT-X-TARGETDURATION ${targetSeconds ?? 'missing or no number'}`, String(SEGMENT_SECONDS));
}

/** What the playlists of all rungs must have in common: checks 7, 14 and 16. */
export function comparePlaylists(playlists: ReadonlyMap<string, MediaPlaylist>, frameSeconds: number, { faults }: Findings): void {
  const [first, ...others] = playlists;
  if (first === undefined) return;
  const [reference, one] = first;
  for (const [file, other] of others) {
    if (other.targetSeconds !== one.targetSeconds) {
      faults.add(7, file, `target duration ${other.targetSeconds}`, `${one.targetSeconds} as in ${reference}`);
    }
    if (other.segments.length !== one.segments.length) {
      faults.add(14, file, `${other.segments.length} segments`, `${one.segments.length} as in ${reference}`);
    }
    if (Math.abs(totalSeconds(other) - totalSeconds(one)) > frameSeconds) {
      faults.add(16, file, `${totalSeconds(other).toFixed(3)} s`, `${totalSeconds(one).toFixed(3)} s as in ${reference}`);
    }
  }
}
