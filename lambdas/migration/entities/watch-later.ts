import { defineEntity, instant, keep, reference } from './entity.ts';
import { user } from './user.ts';
import { video } from './video.ts';

/** saved_campaigns → watch_later. */
export const watchLater = defineEntity({
  name: 'watch_later',
  after: [user, video],
  legacy: { table: 'saved_campaigns', key: 'id' },
  target: { table: 'watch_later', key: 'id', legacyKey: 'id' },
  columns: {
    id: keep('id'),
    user_id: reference(user, 'user_id'),
    video_id: reference(video, 'campaign_id'),
    created_at: instant('created_at'),
  },
});
