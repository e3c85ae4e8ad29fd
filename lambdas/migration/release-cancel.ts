/**
 * A cancel is for the run that was at work: once none is, the next one starts as usual, and the execution's own run, had it stopped for something else before, ends as
 * cancelled. A pause stays. Safe to repeat. Parameter: `:executionArn`.
 */
export const RELEASE_CANCEL = `with asked as materialized (
  select coalesce(reason, request) as reason, since from video_platform.migration_control
  where request = 'cancel' and not exists (select from video_platform.migration_run where status = 'running')
),
cancelled as (
  update video_platform.migration_run r
  set status = 'cancelled', reason = 'REQUESTED: ' || asked.reason, pause = jsonb_build_object('reason', 'REQUESTED: ' || asked.reason,
    'value', 'cancel', 'threshold', 'run', 'since', to_char(asked.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
  from asked where r.execution_arn = :executionArn and r.status = 'paused'
)
update video_platform.migration_control c set request = 'run', reason = null, since = now()
from asked where c.request = 'cancel'`;
