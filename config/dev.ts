import type { Environment } from './environment.ts';
import { LINKPICK_PATHS } from './linkpick-paths.ts';

/** Its private half was never kept. In the cloud put a pair of your own (docs/decisions/0018-delivery.md); a laptop makes its own at start. */
const DEV_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6WuIwjQHzORTOoGhElZ4
gRLK7Acg/b/LpQ/2GocwVCj8ZQ5Is5yiWa/LTIqJuMkHdDSOd1ceEbUssFeyl9ll
9pdBc8vshtzGGogtBhwQ5EhuzAQJPMvaE/8jumYFIfkzOQqbc263jdXVAtGvIpLg
SYz9GIte1ttye2Mfgu2s13o3SezxQhqJczGuaLjRM7QttAmBUCoW07AQ9Fn9ZfPU
bgXBbvuF9naVMprJV0ARFmFDR03RqjXHIHQvZrUIurJeqsWropWNbcb/Eov4ws13
lkpsn70GeceValv+ytnwfct6xQZwon7enVbXOHaLQL+TrLIT9yhUngun63k6fqI6
OQIDAQAB
-----END PUBLIC KEY-----`;

/** For engineers: forgets its data with the stack, and lets the cluster pause once the schedules of every five minutes are switched off. Also what a laptop runs. */
export const dev: Environment = {
  name: 'dev',
  region: 'ap-northeast-2',
  availabilityZones: ['ap-northeast-2a', 'ap-northeast-2c'],
  keepData: false,
  database: { name: 'linkpick', minCapacityAcu: 0, maxCapacityAcu: 4, backupDays: 7 },
  // Without budgets: on a laptop every row of any dump is to end somewhere, however odd the dump.
  migration: { settings: { dailyLimit: 100_000, budgets: {} }, scheduled: true },
  transcoding: { settings: {} },
  rollout: {
    // At once, and one minute under watch: all four phases in five minutes of a laptop.
    deploymentMinutes: 0,
    stepPercent: 100,
    bakeMinutes: 1,
    // Whole phases on one day, by whoever tries them, on data that is broken on purpose.
    thresholds: { minPreviousPhaseDays: 0, minUploadsPerDay: 0, maxQuarantinePercent: 50 },
    scheduled: [],
  },
  delivery: {
    domains: [],
    oldDomains: [],
    legacy: { origin: 'linkpick.example', paths: LINKPICK_PATHS }, // leads nowhere; a laptop answers with a page in its place
    appOrigins: [],
    signingKeys: [{ name: 'dev-1', publicKeyPem: DEV_PUBLIC_KEY }],
  },
  operatorNetworks: ['127.0.0.0/8'], // add the office's; loopback alone means nobody in the cloud and everybody on a laptop
  uploadOrigins: ['https://*.cloudfront.net', 'http://127.0.0.1:*', 'http://localhost:*'], // dev has no domain; what may be sent is in the URLs' signatures
};
