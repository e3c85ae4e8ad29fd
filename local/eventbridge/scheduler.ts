import { randomUUID } from 'node:crypto';
import { isoSeconds } from './event.ts';
import { nextRun } from './next-run.ts';
import type { Schedule } from './schedule.ts';

/** Sleeps are cut into pieces of this length: longer timers overflow, and a laptop that slept should notice soon. */
const MAX_SLEEP_MS = 60_000;

export interface SchedulerOptions {
  readonly schedules: readonly Schedule[];
  readonly region: string;
  readonly accountId: string;
  /** Hands a target its input, once; there are no retries. */
  readonly deliver: (targetArn: string, input: unknown) => Promise<void>;
  readonly onDeliveryFailure: (failure: { schedule: string; targetArn: string; error: unknown }) => void;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/** Runs schedules while the stack serves. Its timers do not keep the process alive; runs missed while it was away are not made up. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #now: () => number;
  readonly #timers = new Map<Schedule, NodeJS.Timeout>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#now = options.clock ?? Date.now;
  }

  start(): void {
    for (const schedule of this.#options.schedules) if (schedule.state === 'ENABLED') this.#plan(schedule, this.#now());
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #plan(schedule: Schedule, afterMs: number): void {
    const run = nextRun(schedule.expression, schedule.timezone, new Date(afterMs));
    if (run !== undefined) this.#sleepUntil(schedule, run.getTime());
    else this.#timers.delete(schedule);
  }

  #sleepUntil(schedule: Schedule, runMs: number): void {
    const leftMs = Math.max(0, runMs - this.#now());
    const wake = () => {
      if (this.#now() < runMs) return this.#sleepUntil(schedule, runMs);
      this.#plan(schedule, Math.max(runMs, this.#now()));
      void this.#fire(schedule, runMs);
    };
    this.#timers.set(schedule, setTimeout(wake, Math.min(leftMs, MAX_SLEEP_MS)).unref());
  }

  async #fire({ name, groupName, targetArn, input }: Schedule, scheduledMs: number): Promise<void> {
    const { region, accountId, deliver, onDeliveryFailure } = this.#options;
    const placeholders: Readonly<Record<string, string>> = {
      'schedule-arn': `arn:aws:scheduler:${region}:${accountId}:schedule/${groupName}/${name}`,
      'scheduled-time': isoSeconds(scheduledMs),
      'execution-id': randomUUID(),
      'attempt-number': '1',
    };
    try {
      const filled = input.replaceAll(/<aws\.scheduler\.([a-z-]+)>/g, (whole, placeholder: string) => placeholders[placeholder] ?? whole);
      await deliver(targetArn, JSON.parse(filled));
    } catch (error) {
      onDeliveryFailure({ schedule: name, targetArn, error });
    }
  }
}
