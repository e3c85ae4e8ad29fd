/** A number that is promised, and what was measured. */
export interface Promised {
  readonly name: string;
  /** What was measured, in words. */
  readonly what: string;
  /** One value a round. */
  readonly rounds: readonly number[];
  readonly median: number;
  /** Held by the median; `under` is a limit of a service, which stops the round that meets it: held by every round. */
  readonly promise: { readonly atLeast: number } | { readonly atMost: number } | { readonly under: number };
  readonly kept: boolean;
}

/** What a measurement found: numbers with promises, and facts without. */
export interface Findings {
  readonly promised: readonly Promised[];
  readonly facts: Readonly<Record<string, number | string>>;
}

export function promised(name: string, what: string, rounds: readonly number[], promise: Promised['promise']): Promised {
  return { name, what, rounds: rounds.map(round), median: round(median(rounds)), promise, kept: isKept(rounds, promise) };
}

function isKept(rounds: readonly number[], promise: Promised['promise']): boolean {
  if ('under' in promise) return rounds.every((value) => value < promise.under);
  return 'atLeast' in promise ? median(rounds) >= promise.atLeast : median(rounds) <= promise.atMost;
}

/** @throws {RangeError} when there are no values */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('the median of no values; expected at least one');
  return (lower + upper) / 2;
}

/** To four significant digits. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
