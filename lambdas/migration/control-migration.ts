import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';

export const ControlMigrationInput = z.strictObject({
  /** pause: runs stop at the next batch boundary and none copies until resume; cancel: as pause, the run that is at work ends as cancelled. */
  action: z.enum(['pause', 'resume', 'cancel']),
  /** Shown on the page and in the report. Free text may name people, so it is not sent with the notice. */
  reason: z.string().max(500).optional(),
});
export type ControlMigrationInput = z.output<typeof ControlMigrationInput>;

export interface ControlMigrationOutput {
  readonly request: 'run' | 'pause' | 'cancel';
  readonly reason: string | null;
  readonly since: string;
}

/** Notes what the operator asks, also when the row was lost. Every batch looks at it, so it takes effect at the next boundary, within seconds. Safe to repeat. */
export async function controlMigration(
  { action, reason }: ControlMigrationInput,
  { db }: { readonly db: DataApi },
): Promise<ControlMigrationOutput> {
  const request = action === 'resume' ? 'run' : action;
  const [control] = await db.query<ControlMigrationOutput & Record<string, unknown>>(
    `insert into video_platform.migration_control as c (request, reason) values (:request, :reason::text)
     on conflict (only_row) do update set since = case when c.request = excluded.request then c.since else excluded.since end,
       request = excluded.request, reason = excluded.reason
     returning request, reason, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since`,
    { request, reason: reason ?? null },
  );
  if (control === undefined) throw new Error('the statement that notes a request answered no row; expected one');
  return control;
}
