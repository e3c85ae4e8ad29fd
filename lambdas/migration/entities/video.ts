import { channel } from './channel.ts';
import { countOf, defineEntity, derived, instant, keep, reference, sql, text, translate, untilTargetHas } from './entity.ts';
import { tagsOf } from './tags.ts';

/**
 * A file has come, or is on its way. An upload that nobody goes on with stays open, but S3 throws its parts away: after two days (lib/storage), at the
 * next midnight. So one that did not move for three days keeps nothing any more.
 */
const HOLDS_A_FILE = sql`t.processing_status is not null or exists (
      select from video_platform.upload_session u where u.video_id = t.id and u.status = 'open' and u.updated_at > now() - interval '3 days')`;

/** campaigns → videos. Metadata only: the file comes with the first upload, and from then on the row is more than its campaign. */
export const video = defineEntity({
  name: 'video',
  after: [channel],
  legacy: { table: 'campaigns', key: 'id' },
  target: { table: 'videos', key: 'id', legacyKey: 'id', holdsOwn: HOLDS_A_FILE },
  columns: {
    id: keep('id'),
    channel_id: reference(channel, 'business_id'),
    title: text('title'),
    description: text('description'),
    thumbnail_url: untilTargetHas(sql`t.video_url is not null`, text('thumbnail_image_url')),
    view_count: countOf('view_count'),
    status: translate('status', { DRAFT: 'PRIVATE', ACTIVE: 'PUBLISHED', PAUSED: 'UNLISTED', COMPLETED: 'PUBLISHED' }),
    tags: { refusal: text('hashtags').refusal, value: tagsOf('l.hashtags') },
    campaign: derived(
      sql`json_object('status' value l.status, 'budget' value l.budget, 'startDate' value l.start_date, 'endDate' value l.end_date returning jsonb)`,
    ),
    published_at: instant('created_at'),
    created_at: instant('created_at'),
    updated_at: instant('updated_at'),
  },
  aggregate: sql`with chunk as materialized (
  select id, video_count, view_count from video_platform.channels where :after::text is null or id > :after::uuid order by id limit :limit::int
),
summed as (
  update video_platform.channels c
  set video_count = sums.video_count, view_count = sums.view_count
  from (
    select chunk.id, count(v.id) as video_count, coalesce(sum(v.view_count), 0) as view_count, chunk.video_count as videos_before, chunk.view_count as views_before
    from chunk left join video_platform.videos v on v.channel_id = chunk.id
    group by chunk.id, chunk.video_count, chunk.view_count
  ) sums
  where sums.id = c.id and (c.video_count, c.view_count) is distinct from (sums.video_count, sums.view_count)
    and (c.video_count, c.view_count) = (sums.videos_before, sums.views_before) -- not over what somebody has counted meanwhile
)
select case when count(*) = :limit::int then (array_agg(id order by id desc))[1]::text end as next_key from chunk`,
});
