/** The service ends an execution at this many events. Source: Step Functions quotas. */
export const MAX_HISTORY_EVENTS = 25_000;

export interface HistoryEvent {
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly type: string;
  readonly id: number;
  readonly previousEventId: number;
  /** One details member at most, such as `stateEnteredEventDetails`. */
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>>;
}

/** A line of events that follow each other: the machine itself, one branch, one iteration. */
export interface Thread {
  lastEventId: number;
}

/** The events of one execution, in the service's shapes. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #now: () => number;
  readonly #limit: number;
  readonly #onFull: () => void;
  #closed = false;

  constructor({ now, onFull, limit = MAX_HISTORY_EVENTS }: { now: () => number; onFull: () => void; limit?: number }) {
    this.#now = now;
    this.#limit = limit;
    this.#onFull = onFull;
  }

  /** Appends one event; when only the place of the closing event is left, calls `onFull` instead. Nothing follows the closing event. */
  append(thread: Thread, type: string, details?: readonly [member: string, value: Readonly<Record<string, unknown>>]): void {
    if (this.#closed) return;
    if (this.events.length >= this.#limit - 1) this.#onFull();
    else this.#push(thread, type, details);
  }

  /** Appends the event that closes the execution; there is always room for it. */
  close(thread: Thread, type: string, details: readonly [member: string, value: Readonly<Record<string, unknown>>]): void {
    this.#push(thread, type, details);
    this.#closed = true;
  }

  #push(thread: Thread, type: string, details?: readonly [string, Readonly<Record<string, unknown>>]): void {
    const id = this.events.length + 1;
    this.events.push({
      timestamp: this.#now() / 1000,
      type,
      id,
      previousEventId: thread.lastEventId,
      ...(details && { [`${details[0]}EventDetails`]: details[1] }),
    });
    thread.lastEventId = id;
  }
}

/** The event without inputs, outputs and parameters, as `includeExecutionData: false` asks for. */
export function withoutData(event: HistoryEvent): HistoryEvent {
  const entries = Object.entries(event).map(([key, value]) => {
    if (typeof value !== 'object') return [key, value] as const;
    const kept = Object.entries(value).filter(
      ([member]) => !['input', 'output', 'parameters', 'inputDetails', 'outputDetails'].includes(member),
    );
    return [key, Object.fromEntries(kept)] as const;
  });
  return Object.fromEntries(entries) as unknown as HistoryEvent;
}
