import { z } from 'zod';

/** One thing wrong with an output. `check` is its number in docs/decisions/0014-output-check.md; `file` is relative to the output's folder. */
export const Fault = z.object({ check: z.number().int(), file: z.string(), found: z.string(), expected: z.string() });
export type Fault = z.output<typeof Fault>;

/** Enough to see what kind of damage it is, and small enough for a state machine's state. */
const MAX_LISTED = 20;
/** Texts come from files that anyone may have damaged. */
const MAX_CHARS = 200;

/** A list of faults that stays short: all are counted, the first are kept, and no check crowds out another. */
export class FaultLog {
  readonly #listed: Fault[];
  #count: number;

  constructor(listed: readonly Fault[] = [], count = listed.length) {
    this.#listed = [...listed];
    this.#count = count;
  }

  get listed(): readonly Fault[] {
    return this.#listed;
  }

  get count(): number {
    return this.#count;
  }

  add(check: number, file: string, found: string, expected: string): void {
    this.#count += 1;
    if (this.#listed.length === MAX_LISTED && !this.#makeRoomFor(check)) return;
    this.#listed.push({ check, file: short(file), found: short(found), expected: short(expected) });
  }

  /** A check that is not listed yet takes the last place of the one that has most. */
  #makeRoomFor(check: number): boolean {
    if (this.#listed.some((fault) => fault.check === check)) return false;
    const counts = new Map<number, number>();
    for (const fault of this.#listed) counts.set(fault.check, (counts.get(fault.check) ?? 0) + 1);
    const [crowded, most] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one));
    if (most < 2) return false;
    this.#listed.splice(
      this.#listed.findLastIndex((fault) => fault.check === crowded),
      1,
    );
    return true;
  }
}

/** Faults stop the publishing, warnings do not. */
export interface Findings {
  readonly faults: FaultLog;
  readonly warnings: FaultLog;
}

export function newFindings(): Findings {
  return { faults: new FaultLog(), warnings: new FaultLog() };
}

function short(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS - 1)}…` : text;
}
