import { defineEntity, instant, keep, reference, text, translate } from './entity.ts';
import { user } from './user.ts';
import { video } from './video.ts';

/** campaign_applications → video_submissions. */
export const videoSubmission = defineEntity({
  name: 'video_submission',
  after: [user, video],
  legacy: { table: 'campaign_applications', key: 'id' },
  target: { table: 'video_submissions', key: 'id', legacyKey: 'id' },
  columns: {
    id: keep('id'),
    video_id: reference(video, 'campaign_id'),
    user_id: reference(user, 'influencer_id'),
    message: text('message'),
    status: translate('status', { PENDING: 'PENDING', APPROVED: 'APPROVED', REJECTED: 'REJECTED', COMPLETED: 'COMPLETED' }),
    created_at: instant('created_at'),
    updated_at: instant('updated_at'),
  },
});
