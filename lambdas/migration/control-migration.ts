import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { NoRunToCancelError } from './errors.ts';

export const ControlMigrationInput = z.strictObject({
  /** pause: runs stop at the next batch boundary and none copies until resume; cancel: as pause, the run that is at work ends as cancelled, and there has to be one. */
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

/**
 * Notes what the operator asks, also when the row was lost. Every batch looks at it, so it takes effect at the next boundary, within seconds. Safe to repeat.
 * @throws {NoRunToCancelError} when there is no run to cancel: its close is what releases a cancel
 */
export async function controlMigration(
  { action, reason }: ControlMigrationInput,
  { db }: { readonly db: DataApi },
): Promise<ControlMigrationOutput> {
  const request = action === 'resume' ? 'run' : action;
  const [control] = await db.query<ControlMigrationOutput & Row>(NOTE_REQUEST, { request, reason: reason ?? null });
  if (control !== undefined) return control;
  if (request === 'cancel') throw new NoRunToCancelError();
  throw new Error('the statement that notes a request answered no row; expected one');
}

/**
 * A cancel holds its run's row to its end, as batches do: a run that closes meanwhile has either closed before, and is not there to cancel, or closes after it and
 * releases it.
 */
const NOTE_REQUEST = `with running as materialized (
  select id from video_platform.migration_run where status = 'running' and :request::text = 'cancel' for share
)
insert into video_platform.migration_control as c (request, reason)
select :request::text, :reason::text where :request::text <> 'cancel' or exists (select from running)
on conflict (only_row) do update set since = case when c.request = excluded.request then c.since else excluded.since end,
  request = excluded.request, reason = excluded.reason
returning request, reason, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since`;
