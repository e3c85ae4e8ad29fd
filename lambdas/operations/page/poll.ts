/** While something moves, and while nothing does. */
const MOVING_MS = 2_000;
const RESTING_MS = 10_000;
const AFTER_FAILURE_MS = 5_000;
/** A slow answer means a busy or waking database: pages then ask for at most a fifth of the time. */
const REST_PER_ANSWER = 4;

export interface PollOptions<State> {
  readonly read: () => Promise<State>;
  readonly isMoving: (state: State) => boolean;
  readonly onState: (state: State) => void;
  readonly onFailure: (error: unknown) => void;
  /** Asked only while it is visible. */
  readonly page: { readonly hidden: boolean; addEventListener(type: 'visibilitychange', listener: () => void): void };
}

/** Asks again and again, one question at a time, as long as the page is visible. A failed answer does not end it.
 *  Gives the function that asks at once, or right after the answer that is awaited. */
export function startPolling<State>({ read, isMoving, onState, onFailure, page }: PollOptions<State>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  /** Somebody has done something while a question was out: its answer may be older than that. */
  let again = false;

  async function ask(): Promise<number> {
    let state: State;
    try {
      state = await read();
    } catch (error) {
      onFailure(error);
      return AFTER_FAILURE_MS;
    }
    onState(state);
    return isMoving(state) ? MOVING_MS : RESTING_MS;
  }

  async function turn(): Promise<void> {
    if (asking) return;
    asking = true;
    again = false;
    clearTimeout(timer);
    const startedAt = performance.now();
    let waitMs = AFTER_FAILURE_MS;
    try {
      waitMs = await ask();
    } finally {
      asking = false;
      const restMs = again ? 0 : Math.max(waitMs, REST_PER_ANSWER * (performance.now() - startedAt));
      if (!page.hidden) timer = setTimeout(turn, restMs);
    }
  }

  page.addEventListener('visibilitychange', () => {
    if (page.hidden) clearTimeout(timer);
    else void turn();
  });
  void turn();
  return () => {
    again = true;
    void turn();
  };
}
