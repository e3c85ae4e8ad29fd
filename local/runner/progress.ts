/** Where the runner talks to: a terminal, or a log. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** In a log a step that changes all the time gets a line at once, and then one this often. */
const LOG_INTERVAL_MS = 2_000;

/** Lines for the person who waits: what is done, and what is being done with how much of it. */
export class Progress {
  readonly #screen: Screen;
  readonly #now: () => number;
  #live = '';
  #nextLogMs = 0;

  constructor(screen: Screen, now: () => number = Date.now) {
    this.#screen = screen;
    this.#now = now;
  }

  /** A line that stays. */
  line(text: string): void {
    this.#clear();
    this.#screen.write(`${text}\n`);
    this.#nextLogMs = 0;
  }

  /** A line that is replaced by the next one; in a log, written now and then. */
  update(text: string): void {
    if (text === this.#live) return;
    if (this.#screen.isTTY === true) {
      this.#clear();
      this.#screen.write(text);
    } else if (this.#now() >= this.#nextLogMs) {
      this.#nextLogMs = this.#now() + LOG_INTERVAL_MS;
      this.#screen.write(`${text}\n`);
    }
    this.#live = text;
  }

  #clear(): void {
    if (this.#screen.isTTY === true && this.#live !== '') this.#screen.write('\r\u001b[2K');
    this.#live = '';
  }
}

/** `12,345` */
export function count(rows: number): string {
  return rows.toLocaleString('en-US');
}

/** `850 ms`, `12.3 s`, `4 min 05 s` */
export function duration(ms: number): string {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
