import { countOf, defineEntity, keep, reference, sql, utc } from './entity.ts';
import { video } from './video.ts';

/** Seoul is nine hours ahead, and a timestamp ends with the year 294276. */
const DAY_OUT_OF_RANGE = sql`l.created_at >= timestamp '294276-12-31 15:00' and isfinite(l.created_at)`;

/** campaigns → the baseline day of video_analytics: the views a campaign had gathered on LinkPick, on the day it was made. */
export const videoAnalytics = defineEntity({
  name: 'video_analytics',
  after: [video],
  legacy: { table: 'campaigns', key: 'id' },
  target: { table: 'video_analytics', key: 'id', legacyKey: 'id' },
  columns: {
    id: keep('id'),
    video_id: reference(video, 'id'),
    day: {
      value: `case when not (${DAY_OUT_OF_RANGE}) then ((${utc('l.created_at')}) at time zone 'Asia/Seoul')::date end`,
      refusal: { class: 'UNSUPPORTED_VALUE', column: 'created_at', when: DAY_OUT_OF_RANGE },
    },
    views: countOf('view_count'),
  },
});
