import { byId, setAttribute, setText } from './dom.ts';
import { formatTime } from './format.ts';

/** Says in the head whether what is shown is live, and above everything when it is not. */
export function connectionView(): { live(now: string): void; lost(error: unknown): void } {
  const pill = byId('connection');
  const note = byId('note');
  let shownOf: string | undefined;
  return {
    live(now) {
      shownOf = now;
      setAttribute(pill, 'data-state', 'live');
      setText(pill, `실시간 Live · ${formatTime(now)}`);
      note.hidden = true;
    },
    lost(error) {
      const cause = error instanceof Error ? error.message : String(error);
      setAttribute(pill, 'data-state', 'lost');
      setText(pill, '연결 끊김 No answer');
      setText(
        note,
        shownOf === undefined
          ? `상태를 아직 가져오지 못했습니다 (${cause}). 계속 다시 시도합니다. The API does not answer yet; trying again.`
          : `API가 응답하지 않습니다 (${cause}). 아래는 ${formatTime(shownOf)}의 마지막 상태이며, 계속 다시 시도합니다. ` +
              `The API does not answer; below is the state of ${formatTime(shownOf)}. Trying again.`,
      );
      note.hidden = false;
    },
  };
}
