import type { Environment } from './environment.ts';

/** For engineers: pauses when idle, forgets its data with the stack. Also what a laptop runs. */
export const dev: Environment = {
  name: 'dev',
  region: 'ap-northeast-2',
  availabilityZones: ['ap-northeast-2a', 'ap-northeast-2c'],
  keepData: false,
  database: { name: 'linkpick', minCapacityAcu: 0, maxCapacityAcu: 4, backupDays: 7 },
  // Without budgets: on a laptop every row of any dump is to end somewhere, however odd the dump.
  migration: { settings: { dailyLimit: 100_000, budgets: {} }, scheduled: true },
  transcoding: { settings: {} },
  operatorNetworks: ['127.0.0.0/8'], // add the office's; loopback alone means nobody in the cloud and everybody on a laptop
  uploadOrigins: ['https://*.cloudfront.net', 'http://127.0.0.1:*', 'http://localhost:*'], // dev has no domain; what may be sent is in the URLs' signatures
};
