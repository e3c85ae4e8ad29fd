import type { VideoStatus } from '../status.ts';
import { RefusedByApiError, readJson } from './send-command.ts';

/** A deep link's video, or why there is none to show. */
export type LinkedVideo = VideoStatus | 'asking' | 'missing' | 'unreachable';

/** Finds a deep link's video: in the list, or by asking for it, since the list has the latest only. `anew` asks again for what may have changed. */
export function videoLookup(onAnswer: () => void): (id: string, listed: readonly VideoStatus[], anew: boolean) => LinkedVideo {
  let latest: { readonly id: string; answer: LinkedVideo; asking: boolean } | undefined;
  return (id, listed, anew) => {
    const video = listed.find((candidate) => candidate.id === id);
    if (video !== undefined) return video;
    if (latest?.id === id && (latest.asking || !anew)) return latest.answer;
    const lookup = latest?.id === id ? latest : { id, answer: 'asking' as LinkedVideo, asking: true };
    lookup.asking = true;
    latest = lookup;
    void ask(id).then((answer) => {
      lookup.asking = false;
      // What was known is better than nothing: it may play.
      if (answer !== 'unreachable' || typeof lookup.answer === 'string') lookup.answer = answer;
      if (latest === lookup) onAnswer();
    });
    return lookup.answer;
  };
}

async function ask(id: string): Promise<LinkedVideo> {
  try {
    return await readJson<VideoStatus>(`/api/video?${new URLSearchParams({ id })}`);
  } catch (error) {
    // 400: an id that no video can have.
    const isMissing = error instanceof RefusedByApiError && (error.status === 404 || error.status === 400);
    return isMissing ? 'missing' : 'unreachable';
  }
}
