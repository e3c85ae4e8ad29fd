import { channel } from './channel.ts';
import { defineEntity, instant, keep, reference, text } from './entity.ts';

/** business_profiles → channel_settings. */
export const channelSetting = defineEntity({
  name: 'channel_setting',
  after: [channel],
  legacy: { table: 'business_profiles', key: 'id' },
  target: { table: 'channel_settings', key: 'id', legacyKey: 'id' },
  columns: {
    id: keep('id'),
    channel_id: reference(channel, 'user_id'),
    company_name: text('company_name'),
    company_intro: text('company_intro'),
    business_number: text('business_number'),
    website: text('website'),
    created_at: instant('created_at'),
    updated_at: instant('updated_at'),
  },
});
