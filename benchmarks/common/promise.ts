/** A number that is promised, and what was measured. */
export interface Promised {
  readonly name: string;
  /** What was measured, in words. */
  readonly what: string;
  /** One value a round. */
  readonly rounds: readonly number[];
  readonly median: number;
  readonly promise: { readonly atLeast: number } | { readonly atMost: number };
  readonly kept: boolean;
}

/** What a measurement found: numbers with promises, and facts without. */
export interface Findings {
  readonly promised: readonly Promised[];
  readonly facts: Readonly<Record<string, number | string>>;
}

export function promised(name: string, what: string, rounds: readonly number[], promise: Promised['promise']): Promised {
  const value = median(rounds);
  const kept = 'atLeast' in promise ? value >= promise.atLeast : value <= promise.atMost;
  return { name, what, rounds: rounds.map(round), median: round(value), promise, kept };
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
