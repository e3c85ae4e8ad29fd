import type { Environment } from './environment.ts';
import { LINKPICK_PATHS } from './linkpick-paths.ts';

/** Its private half was never kept: put a pair of your own before the first deploy (docs/decisions/0018-delivery.md). */
const PROD_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtfh3XFqfFlk3TNzGSqiH
Pwdci9jz4UotOLtVOtDiBIu6G+1hlFjtWGINFbRm2FhBSsqWMmIaItFP7RhiTLKm
H2cG2J8vuzvmT6+wQwiM1WKwpZji1008mic2zOhwR7wYQj0ePw1i/jOXpt77tYia
a2tkvmmZGXFPaRNZUAGHcNJUICgO4ptFbHXqSH5/i2nS3XSd9MIkPcj/wcJPJzpm
Xly3FEZ3MaRSBk9BILhFXmAHCxs0JWMorSS3n0p6yRmZgI9CENfNczOU1v0gw4TS
ZXyn9aXFRhNrsEfbckBRAaAZxS50WanpxpJeNzPqfQCCUtqf/hj6cZ0/LHnlp8eE
qwIDAQAB
-----END PUBLIC KEY-----`;

/** LinkPick's users. Everything is kept; phases open over an hour and are watched for another. */
export const prod: Environment = {
  name: 'prod',
  region: 'ap-northeast-2',
  availabilityZones: ['ap-northeast-2a', 'ap-northeast-2c'],
  keepData: true,
  database: { name: 'linkpick', minCapacityAcu: 1, maxCapacityAcu: 64, backupDays: 35 },
  // The plan's thousand a day; raised by settings as the days go well. Switched on by hand: the first night is somebody's decision. Catch-up is on anyway.
  migration: { settings: { dailyLimit: 1_000 }, scheduled: false },
  transcoding: { settings: {} },
  rollout: { deploymentMinutes: 60, stepPercent: 10, bakeMinutes: 60, thresholds: {}, scheduled: [] },
  delivery: {
    // With a certificate of us-east-1 come the names; with LinkPick's site, where it answers beside the distribution.
    domains: [],
    oldDomains: [],
    legacy: { origin: 'linkpick.example', paths: LINKPICK_PATHS },
    appOrigins: [],
    signingKeys: [{ name: 'prod-1', publicKeyPem: PROD_PUBLIC_KEY }],
  },
  operatorNetworks: ['127.0.0.0/8'], // add the office's; loopback alone means nobody in the cloud
  uploadOrigins: ['https://*.cloudfront.net'], // the site's own, once the distribution has its domain
};
