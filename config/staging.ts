import type { Environment } from './environment.ts';
import { LINKPICK_PATHS } from './linkpick-paths.ts';

/** Its private half was never kept: put a pair of your own before the first deploy (docs/decisions/0018-delivery.md). */
const STAGING_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAt+DJx+PdAroqmZHHtlmw
lV7mKoeeamvnKhZMTBYlT6owG+DKs3ZVE8jFttjB048+F5U6aMjHr5XIoXksiF+u
rcPApXJAlfvubxvjd5GpV0oFpz33K8jyBZps4ebVm7RiDMRuUg0+ibGKOSCUrgqD
H0B6Hm7HjbrLwfO6lF5a0SZEbn6fZf7xq5ToZn+eVwWviTZgy7VK5VuLPuXKvO0M
GO0vnYSzdWeKcR02EXTVZBQ2JxWCvvSv8TuSQ3sW4rgN3YcZD58mwSOg+ZQEZZ+D
Vvu760Qr4VcYD2yO6hgycRHJrpaaaMnTH16i8cVvMpszZheb4KUXlhhTzYGfKyyZ
XwIDAQAB
-----END PUBLIC KEY-----`;

/** The rehearsal: prod's ways on data that may be lost, with less patience. */
export const staging: Environment = {
  name: 'staging',
  region: 'ap-northeast-2',
  availabilityZones: ['ap-northeast-2a', 'ap-northeast-2c'],
  keepData: false,
  database: { name: 'linkpick', minCapacityAcu: 0.5, maxCapacityAcu: 16, backupDays: 7 },
  migration: { settings: { dailyLimit: 50_000 }, scheduled: true },
  transcoding: { settings: { maxCostUsdPerVideo: 10 } },
  rollout: {
    deploymentMinutes: 10,
    stepPercent: 20,
    bakeMinutes: 10,
    thresholds: { minPreviousPhaseDays: 1, minUploadsPerDay: 1 }, // the whole way in a week, by the team alone
    scheduled: [],
  },
  delivery: {
    // With a certificate of us-east-1 come the names; with LinkPick's site, where it answers beside the distribution.
    domains: [],
    oldDomains: [],
    legacy: { origin: 'linkpick.example', paths: LINKPICK_PATHS },
    appOrigins: [],
    signingKeys: [{ name: 'staging-1', publicKeyPem: STAGING_PUBLIC_KEY }],
  },
  operatorNetworks: ['127.0.0.0/8'], // add the office's; loopback alone means nobody in the cloud
  uploadOrigins: ['https://*.cloudfront.net'], // the site's own, once the distribution has its domain
};
