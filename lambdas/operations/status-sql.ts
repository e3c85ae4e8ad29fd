/** ISO 8601 in UTC, as JavaScript writes it. */
const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Array of objects, empty instead of null. */
const list = (rows: string, order: string) =>
  `(select coalesce(jsonb_agg(to_jsonb(r) - 'position' order by ${order}), '[]') from (${rows}) r)`;

const ENTITIES = `select row_number() over () as position, d.entity_type as entity, d.total, d.completed, d.failed, d.pending, d.percent,
    d.rows_per_second as "rowsPerSecond", extract(epoch from d.time_left)::bigint as "timeLeftSeconds"
  from video_platform.migration_dashboard d`;

/** PostgreSQL quotes the offending row in an error's detail. The class and the message stay; details and anything like an e-mail go. */
const withoutValues = (column: string) =>
  String.raw`regexp_replace(regexp_replace(${column}, '\s*?Detail:.*?(; SQLState|$)', '\1'), '[^[:space:]@(]+@[^[:space:]@),;]+', '…', 'g')`;

const RUNS = `select row_number() over (order by r.started_at desc) as position, r.id as "runId",
    to_char(r.run_date, 'YYYY-MM-DD') as "runDate", r.status, left(${withoutValues('r.reason')}, 500) as reason,
    coalesce(e.completed, 0) as completed, coalesce(e.quarantined, 0) as quarantined,
    ${iso('r.started_at')} as "startedAt", ${iso('r.finished_at')} as "finishedAt", r.report_key as "reportKey"
  from (select * from video_platform.migration_run order by started_at desc limit 20) r
  left join lateral (
    select sum(completed)::bigint as completed, sum(quarantined)::bigint as quarantined
    from video_platform.migration_run_entity where run_id = r.id
  ) e on true`;

const QUARANTINE = `select q.entity_type as entity, coalesce(q.reason, 'UNKNOWN') as reason, count(*) as count
  from video_platform.quarantine q group by 1, 2`;

const VERIFICATION = `select jsonb_build_object('runId', r.id, 'runDate', to_char(r.run_date, 'YYYY-MM-DD'),
    'clean', bool_and(v.finished_at is not null and v.missing + v.extra + v.different = 0)
      and count(*) >= (select count(*) from video_platform.migration_dashboard),
    'entities', jsonb_agg(jsonb_build_object('entity', v.entity_type, 'compared', v.compared, 'missing', v.missing, 'extra', v.extra,
      'different', v.different, 'finished', v.finished_at is not null) order by v.entity_type))
  from video_platform.migration_run r
  join video_platform.verification_run v on v.run_id = r.id
  group by r.id
  order by r.started_at desc
  limit 1`;

/** The newest upload of each video; an upload whose path names no video stands for itself. */
const VIDEOS = `select u.id, u.video_id as "videoId", v.title, u.status, v.video_url as url,
    case when v.thumbnail_url ~ '^/[^/]' then v.thumbnail_url end as thumbnail,
    v.duration_seconds as "durationSeconds", v.resolution, v.file_size_bytes as "fileSizeBytes",
    coalesce((
      select ready.renditions from video_platform.video_upload ready
      where ready.video_id = u.video_id and ready.status = 'ready' order by ready.updated_at desc limit 1
    ), '[]') as renditions,
    u.reason_code as "reasonCode", ${iso('u.created_at')} as "uploadedAt"
  from (
    select distinct on (id) * from (
      select *, coalesce(nullif(video_id, ''), md5(object_key)) as id from video_platform.video_upload
    ) named order by id, created_at desc
  ) u
  left join video_platform.videos v on v.id = u.video_id
  order by u.created_at desc, u.id
  limit 100`;

/** One row, one column: the status as JSON. */
export const STATUS_SQL = `select jsonb_build_object(
  'now', ${iso('now()')},
  'entities', ${list(ENTITIES, 'r.position')},
  'runs', ${list(RUNS, 'r.position')},
  'quarantine', ${list(QUARANTINE, 'r.entity, r.count desc, r.reason')},
  'verification', (${VERIFICATION}),
  'videos', ${list(VIDEOS, 'r."uploadedAt" desc, r.id')}
) as status`;
