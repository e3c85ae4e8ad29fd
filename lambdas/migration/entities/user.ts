import { defineEntity, instant, keep, text, translate } from './entity.ts';

/** users → users. The password hash is never read. */
export const user = defineEntity({
  name: 'user',
  after: [],
  legacy: { table: 'users', key: 'id' },
  target: { table: 'users', key: 'id', legacyKey: 'id' },
  columns: {
    id: keep('id'),
    email: text('email'),
    name: text('name'),
    user_type: translate('type', { BUSINESS: 'ADVERTISER', INFLUENCER: 'CREATOR', ADMIN: 'ADMIN' }),
    status: text('status'),
    last_login_at: instant('last_login_at'),
    created_at: instant('created_at'),
    updated_at: instant('updated_at'),
  },
});
