import { countOf, defineEntity, derived, keep, reference, sql } from './entity.ts';
import { video } from './video.ts';

/** campaigns → the baseline day of video_analytics: the views a campaign had gathered on LinkPick, on the day it was made. */
export const videoAnalytics = defineEntity({
  name: 'video_analytics',
  after: [video],
  legacy: { table: 'campaigns', key: 'id' },
  target: { table: 'video_analytics', key: 'id', legacyKey: 'id' },
  columns: {
    id: keep('id'),
    video_id: reference(video, 'id'),
    day: derived(sql`((l.created_at at time zone 'UTC') at time zone 'Asia/Seoul')::date`),
    views: countOf('view_count'),
  },
});
