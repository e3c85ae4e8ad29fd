import { iso } from './iso.ts';

const HISTORY_ROWS = 20;
/** A reason may quote a stack of causes. */
const MAX_REASON = 1_000;

const ENTRY = `jsonb_build_object(
  'execution', substring(execution_arn from '[^:]+$'), 'phase', phase, 'percent', percent, 'status', status,
  'reason', left(reason, ${MAX_REASON}), 'gates', gates, 'deploymentNumber', deployment_number,
  'startedAt', ${iso('started_at')}, 'finishedAt', ${iso('finished_at')})`;

/** The rollout at work, the latest ones, and the gates each phase was opened through last: one statement, one row, below 200 KiB. */
export const ROLLOUT_SQL = `select jsonb_build_object(
  'now', ${iso('now()')},
  'running', (select ${ENTRY} from video_platform.rollout_history where status = 'running'),
  'history', (select coalesce(jsonb_agg(${ENTRY} order by started_at desc), '[]') from (
    select * from video_platform.rollout_history order by started_at desc limit ${HISTORY_ROWS}) latest),
  'opened', (select coalesce(jsonb_object_agg(phase, jsonb_build_object('at', ${iso('started_at')}, 'gates', gates)), '{}') from (
    select distinct on (phase) phase, started_at, gates from video_platform.rollout_history
    where status = 'completed' order by phase, started_at desc) last)
) as rollout`;
