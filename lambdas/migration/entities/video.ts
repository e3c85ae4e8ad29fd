import { channel } from './channel.ts';
import { countOf, defineEntity, derived, instant, keep, reference, sql, text, translate, untilTargetHas } from './entity.ts';

/** campaigns → videos. Metadata only: the file comes with the first upload. */
export const video = defineEntity({
  name: 'video',
  after: [channel],
  legacy: { table: 'campaigns', key: 'id' },
  target: { table: 'videos', key: 'id', legacyKey: 'id' },
  columns: {
    id: keep('id'),
    channel_id: reference(channel, 'business_id'),
    title: text('title'),
    description: text('description'),
    thumbnail_url: untilTargetHas(sql`t.video_url is not null`, text('thumbnail_image_url')),
    view_count: countOf('view_count'),
    status: translate('status', { DRAFT: 'PRIVATE', ACTIVE: 'PUBLISHED', PAUSED: 'UNLISTED', COMPLETED: 'PUBLISHED' }),
    // '뷰티, 맛집,#여행': trimmed, # removed, empty and repeated tags dropped, order kept.
    tags: {
      refusal: text('hashtags').refusal,
      value: sql`coalesce((
      select array_agg(tag order by first_position)
      from (
        select tag, min(position) as first_position
        from (
          select btrim(replace(piece, '#', ''), E' \t\r\n\u00a0\u3000') as tag, position
          from unnest(string_to_array(l.hashtags, ',')) with ordinality as pieces (piece, position)
        ) trimmed
        where tag <> ''
        group by tag
      ) distinct_tags
    ), '{}')`,
    },
    campaign: derived(sql`jsonb_build_object('status', l.status, 'budget', l.budget, 'startDate', l.start_date, 'endDate', l.end_date)`),
    published_at: instant('created_at'),
    created_at: instant('created_at'),
    updated_at: instant('updated_at'),
  },
  aggregate: sql`with chunk as materialized (
  select id from video_platform.channels where :after::text is null or id > :after::uuid order by id limit :limit::int
),
summed as (
  update video_platform.channels c
  set video_count = sums.video_count, view_count = sums.view_count
  from (
    select chunk.id, count(v.id) as video_count, coalesce(sum(v.view_count), 0) as view_count
    from chunk left join video_platform.videos v on v.channel_id = chunk.id
    group by chunk.id
  ) sums
  where sums.id = c.id and (c.video_count, c.view_count) is distinct from (sums.video_count, sums.view_count)
)
select case when count(*) = :limit::int then (array_agg(id order by id desc))[1]::text end as next_key from chunk`,
});
