import type { DataApi, Row } from '../data-api/data-api.ts';
import { FLAG_NAMES, flagOf } from './catalogue.ts';
import type { Facts } from './gates.ts';
import { keyOf } from './keys.ts';

const ISO = (expression: string) => `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The final pass of the last run that verified: a second pass follows a repair. Entities not begun make it unfinished. */
const VERIFICATION = `select jsonb_build_object(
    'finished', bool_and(v.finished_at is not null) and count(*) >= (select count(*) from dashboard),
    'faults', sum(v.missing + v.extra + v.different + v.unaccounted + v.mismapped)
      + (select count(*) from video_platform.verification_check c where c.run_id = r.id and not c.passed),
    'at', ${ISO('coalesce(max(v.finished_at), r.started_at)')})
  from video_platform.migration_run r
  join video_platform.verification_run v on v.run_id = r.id
    and v.pass = (select max(pass) from video_platform.verification_run where run_id = r.id)
  group by r.id order by r.started_at desc limit 1`;

/**
 * The first rollout that has opened the phase before to everybody, since a rollout last found it open to fewer: one after that, for testers or for
 * a notice, does not make the phase young again, and taking it back does, whoever did.
 */
const PREVIOUS_PHASE_AT = `select ${ISO('min(finished_at)')} from video_platform.rollout_history
  where phase = :previous and percent = 100 and status = 'completed' and started_at >= coalesce(
    (select max(started_at) from video_platform.rollout_history where not flags_before @> :opened::jsonb), '-infinity')`;

const FACTS = `with dashboard as materialized (select total, failed from video_platform.migration_dashboard)
select jsonb_build_object(
  'verification', (${VERIFICATION}),
  'quarantined', (select coalesce(sum(failed), 0) from dashboard),
  'legacyRows', (select coalesce(sum(total), 0) from dashboard),
  'oldestChangeAt', (select ${ISO('min(changed_at)')} from (
    select changed_at from video_platform.change_log union all select changed_at from video_platform.change_queue) waiting),
  'previousPhaseAt', (${PREVIOUS_PHASE_AT}),
  'uploadsPerDay', (select count(distinct video_id) / 7.0 from video_platform.video_upload
    where status = 'ready' and updated_at > now() - interval '7 days')
) as facts`;

/** What the gates ask the database, in one statement. @param previous the phase before; null for the first */
export async function readFacts(db: DataApi, previous: string | null): Promise<Facts> {
  const [row] = await db.query<Row & { facts: Facts }>(FACTS, { previous, opened: JSON.stringify(openedFlags(previous)) });
  if (row === undefined) throw new Error('the facts of the gates came without a row; expected one');
  return row.facts;
}

/** What a document holds, among other things, whose phase is open to everybody. */
function openedFlags(phase: string | null): Readonly<Record<string, object>> {
  const flags = FLAG_NAMES.filter((name) => phase !== null && flagOf(name).phase === phase);
  return Object.fromEntries(flags.map((name) => [keyOf(name), { enabled: true, percent: 100 }]));
}
