import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { WorkerCall } from './faults.ts';
import type { Random } from './random.ts';

/** One call that an actor waits for. The scheduler decides when it is made, and makes one at a time. */
export interface Call {
  readonly actor: string;
  /** What it does, for the trace. */
  readonly label: string;
  /** Makes the call; what it comes to is the actor's answer. */
  perform(): Promise<unknown>;
  /** Not made before this step; `Infinity`: not before `release` holds. */
  heldUntil: number;
  release?: (() => boolean) | undefined;
  /** Held by choice, not by a fault: when nobody else can go on, this goes on, and no time passes. */
  readonly rests?: boolean;
  /** Once it has succeeded it has given up no lock that another may wait for: nobody goes on because of it. */
  readonly keepsLocks?: boolean | undefined;
  /** A worker's call to the Data API: what faults strike. */
  readonly worker?: WorkerCall | undefined;
}

interface Waiting extends Call {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface SchedulerOptions {
  readonly random: Random;
  /** How many sessions of the database wait for a lock, right now. */
  readonly lockWaits: () => Promise<number>;
  /** Nothing can go on but by the passing of time: what waits is timed out, what idles is rolled back. */
  readonly timePasses: () => Promise<void>;
  /** Told of each call before it is made; may hold it back or replace it. Answers false when it is not to be made now. */
  readonly before: (call: Call) => Promise<boolean>;
  /** Told after each step. Answers whether it let anything go on. */
  readonly after: (step: number) => Promise<boolean>;
}

const MAX_STEPS = 6_000;
/** By the wall clock: a call takes milliseconds, or waits for a lock. */
const STUCK_MS = 20_000;

/** What a call comes to when its schedule has failed. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
  constructor() {
    super('the schedule was stopped');
  }
}

/**
 * Runs actors (workers, writers, operators) so that chance alone, drawn from one seed, decides in which order their calls reach the database.
 *
 * A call runs until it is answered or until it waits for a lock that another holds; PostgreSQL's lock table tells which, exactly. Between two
 * calls an actor has no clock and no timer, so a turn of the event loop brings every actor to its next call.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #actors = new Map<string, Promise<void>>();
  readonly #waiting: Waiting[] = [];
  readonly #inFlight = new Set<Waiting>();
  /** What was done in which order: two runs of one seed have the same. */
  readonly trace: string[] = [];
  step = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  spawn(id: string, work: () => Promise<void>): void {
    if (this.#actors.has(id)) throw new Error(`there is an actor ${id} already`);
    const running = Promise.resolve()
      .then(work)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#actors.delete(id));
    this.#actors.set(id, running);
  }

  #failure: unknown;

  submit<T>(actor: string, label: string, perform: () => Promise<T>, worker?: WorkerCall, keepsLocks?: boolean): Promise<T> {
    if (this.#stopped) return Promise.reject(new StoppedError());
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        actor,
        label,
        perform,
        worker,
        keepsLocks,
        heldUntil: 0,
        resolve: resolve as (answer: unknown) => void,
        reject,
      });
    });
  }

  /** Lets others go first for so many steps. */
  async rest(actor: string, steps: number): Promise<void> {
    if (steps === 0) return;
    if (this.#stopped) throw new StoppedError();
    const heldUntil = this.step + steps;
    await new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ actor, label: 'rests', perform: async () => undefined, heldUntil, rests: true, resolve, reject });
    });
  }

  #stopped = false;

  /** Refuses every call that waits or comes, until every actor has ended. What is in flight has to be ended by who made it so. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new StoppedError());
    await Promise.all(this.#actors.values());
  }

  /** Who is at what: for a schedule that does not go on. */
  get standing(): readonly string[] {
    const line =
      (state: string) =>
      ({ actor, label }: Call) =>
        `${actor} ${state}: ${label}`;
    return [...[...this.#inFlight].map(line('has called')), ...this.#waiting.map(line('is to call'))];
  }

  /** Until every actor has ended. */
  async run(): Promise<void> {
    for (;;) {
      await turn();
      await turn();
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#actors.size === 0) return;
      this.step += 1;
      if (this.step > MAX_STEPS) throw new Error(`no end after ${MAX_STEPS} steps: a livelock of ${[...this.#actors.keys()].join(', ')}`);
      await this.#next();
      if (await this.#options.after(this.step)) await this.#settle();
    }
  }

  async #next(): Promise<void> {
    let free = this.#waiting.filter(({ heldUntil, release }) => heldUntil <= this.step || release?.() === true);
    if (free.length === 0) free = this.#waiting.filter(({ rests }) => rests);
    free.sort((one, other) => (one.actor < other.actor ? -1 : one.actor > other.actor ? 1 : 0));
    if (free.length === 0) {
      this.trace.push('time passes');
      for (const call of this.#waiting) call.heldUntil = 0;
      await this.#options.timePasses();
      await this.#settle();
      return;
    }
    const call = this.#options.random.pick(free);
    if (!(await this.#options.before(call))) {
      this.trace.push(`${call.actor} is held at ${call.label}`);
      return;
    }
    this.trace.push(`${call.actor} ${call.label}`);
    this.#waiting.splice(this.#waiting.indexOf(call), 1);
    this.#inFlight.add(call);
    let succeeded = false;
    const done = call
      .perform()
      .finally(() => this.#inFlight.delete(call))
      .then((answer) => {
        succeeded = true;
        call.resolve(answer);
      }, call.reject);
    await Promise.race([done, delay(3)]);
    if (!(succeeded && call.keepsLocks)) await this.#settle();
  }

  /** Until every call in flight is answered or waits for a lock. */
  async #settle(): Promise<void> {
    const giveUpAt = performance.now() + STUCK_MS;
    while (this.#inFlight.size > 0) {
      if (performance.now() > giveUpAt) throw new Error(`neither answered nor waiting for a lock after ${STUCK_MS / 1000} s`);
      const { size } = this.#inFlight;
      const waits = await this.#options.lockWaits();
      // A call that was answered meanwhile may have let another go on: then the count is of the past.
      if (waits === size && size === this.#inFlight.size) return;
      await delay(0.5);
    }
  }
}
