import type { Pause } from '../pause.ts';

/**
 * A pause's reason as it leaves the account. Budgets and switches are worded by this application and name limits, so they go out as they are. What an
 * operator typed may hold personal data: only what was asked for goes out, `REQUESTED: pause`; the text stays in the report and on the page.
 */
export function pauseReasonOf({ reason, value }: Pause): string {
  return reason.startsWith('REQUESTED') ? `REQUESTED: ${value}` : reason;
}
