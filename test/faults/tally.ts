import { availableParallelism } from 'node:os';
import dailyMigration from '../../statemachines/daily-migration.asl.json' with { type: 'json' };
import { FAULTS } from './faults.ts';
import type { Report } from './worker.ts';

/** What a fault is counted as besides its kind: by the state that it strikes. */
export const strikes = (state: string) => `strikes "${state}"`;

const TASKS = Object.entries(dailyMigration.States).flatMap(([name, { Type }]) => (Type === 'Task' ? [name] : []));

/** What every full run of seeds has to have met: the faults of a call, each state struck, a step at work twice, a day started twice and a run taken over. */
export const KINDS: readonly string[] = [...FAULTS, ...TASKS.map(strikes), 'duplicate invocation', 'duplicate start', 'run taken over'];

/** Adds up what seeds report: how fast they were, where the time went, which faults were met how often. */
export class Tally {
  readonly #startedAt = performance.now();
  readonly #cpuSecondsBefore: number;
  readonly #phases: Record<string, number> = {};
  readonly #events: Record<string, number> = {};
  #seeds = 0;
  #calls = 0;

  constructor(cpuSecondsBefore: number) {
    this.#cpuSecondsBefore = cpuSecondsBefore;
  }

  add({ phases, counts, calls }: Report): void {
    this.#seeds += 1;
    this.#calls += calls;
    addTo(this.#phases, phases);
    addTo(this.#events, counts);
  }

  /** By the clock, since this began. */
  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** Kinds of fault that no seed has met: nothing is known of them. */
  neverMet(): readonly string[] {
    return KINDS.filter((kind) => this.#events[kind] === undefined);
  }

  /** What the machine did besides shows in the seconds by the clock, not in those of the processor. */
  speed(cpuSeconds: number): string {
    const cores = availableParallelism();
    const used = cpuSeconds - this.#cpuSecondsBefore;
    return `in ${this.seconds.toFixed(1)} s: ${used.toFixed(0)} CPU-seconds, so ${(used / cores).toFixed(0)} s on ${cores} free cores; ${(used / this.#seeds).toFixed(2)} and ${Math.round(this.#calls / this.#seeds)} scheduled calls a schedule`;
  }

  lines(): readonly string[] {
    const phases = Object.entries(this.#phases).map(([phase, ms]) => `${phase} ${Math.round(ms / this.#seeds)}`);
    const events = Object.entries(this.#events).sort(([one], [other]) => one.localeCompare(other));
    return [`milliseconds a seed: ${phases.join(' · ')}`, ...events.map(([kind, times]) => `${String(times).padStart(6)} ${kind}`)];
  }
}

function addTo(sums: Record<string, number>, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
}
