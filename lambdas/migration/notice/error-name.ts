/**
 * The name at the head of a failed run's reason: `LeaseLostError: run 6b9f… is no longer…` → `LeaseLostError`. Null when there is none. What
 * follows it comes from wherever the error came from, a database's message with a row's values perhaps, so it stays in the account.
 */
export function errorNameOf(reason: string | null): string | null {
  return /^(?<name>[A-Za-z][A-Za-z0-9_.]{2,79})(?=:|$)/.exec(reason ?? '')?.groups?.name ?? null;
}
