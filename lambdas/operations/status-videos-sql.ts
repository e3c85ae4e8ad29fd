import { iso } from './iso.ts';

/** The page loads nothing from other hosts. */
const below = (column: string) => `case when ${column} ~ '^/[^/]' then ${column} end`;

/** Of all jobs together; null while none is on record. */
const cost = (byJob: string) => `(
    select jsonb_build_object('outputMinutes', sum((job.value->>'outputMinutes')::numeric), 'costUsd', sum((job.value->>'costUsd')::numeric))
    from jsonb_each(${byJob}) job where jsonb_typeof(job.value) = 'object' having count(*) > 0)`;

/** As measured; outputs of before the measurement have their sizes. */
const RENDITIONS = `coalesce((
    select jsonb_agg(jsonb_build_object('name', m->'name', 'width', m->'widthPx', 'height', m->'heightPx',
      'averageBitrateBps', m->'averageBandwidthBps') order by (m->>'heightPx')::int desc)
    from jsonb_array_elements(playing.measured->'renditions') m
  ), playing.renditions, '[]')`;

/** Of an upload `u` and its video `v`, either of which there may be none of. */
const COLUMNS = `coalesce(u.video_id, v.id) as "videoId", v.title, u.status, coalesce(u.progress_percent, 0) as "progressPercent",
    v.video_url as url, ${below('v.thumbnail_url')} as thumbnail, ${below('v.preview_url')} as preview, ${below('v.storyboard_url')} as storyboard,
    v.duration_seconds as "durationSeconds", v.resolution, v.file_size_bytes as "fileSizeBytes", ${RENDITIONS} as renditions,
    case when u.status in ('encoding', 'checking') then u.source->'picture' end as picture,
    u.reason_code as "reasonCode", left(u.upload_id, 12) as version, ${iso('u.uploaded_at')} as "uploadedAt",
    case when playing.uploaded_at is not null then
      jsonb_build_object('version', left(playing.upload_id, 12), 'uploadedAt', ${iso('playing.uploaded_at')}) end as playing,
    ${cost('u.estimate')} as estimate, ${cost('u.actual')} as actual`;

const PLAYING = `left join lateral (
    select * from video_platform.video_upload ready
    where v.video_url is not null and ready.video_id = v.id and ready.status = 'ready' and ready.superseded_at is null
    order by ready.uploaded_at desc, ready.sequencer desc, ready.version desc limit 1
  ) playing on true`;

/** By when the object arrived, as everything else decides which upload is newer. */
const NEWEST_FIRST = 'uploaded_at desc, sequencer desc, version desc';

/** The newest upload of each video, the latest 100; an upload whose path names no video stands for itself. */
export const VIDEOS = `select row_number() over (order by u.uploaded_at desc, u.id) as position, u.id, ${COLUMNS}
  from (
    select * from (
      select distinct on (id) * from (
        select *, coalesce(nullif(video_id, ''), md5(object_key)) as id from video_platform.video_upload
      ) named order by id, ${NEWEST_FIRST}
    ) newest order by uploaded_at desc, id limit 100
  ) u
  left join video_platform.videos v on v.id = u.video_id
  ${PLAYING}`;

/** The video or upload that `:id` names, whether or not it is among the latest, and before its first upload, too. No row when it names nothing. */
export const VIDEO_SQL = `select to_jsonb(r) as video from (
  select asked.id, ${COLUMNS}
  from (select cast(:id as text) as id) asked
  left join lateral (
    select * from video_platform.video_upload
    where video_id = nullif(asked.id, '') or (video_id = '' and md5(object_key) = asked.id)
    order by ${NEWEST_FIRST} limit 1
  ) u on true
  left join video_platform.videos v on v.id = coalesce(u.video_id, asked.id)
  ${PLAYING}
  where u.status is not null or v.id is not null
) r`;
