import { asBoolean, asProperties, assertKnownKeys, type Properties } from './config-keys.ts';
import type { PolicyHeader } from './response-headers-policy.ts';

interface SecurityHeader {
  readonly name: string;
  readonly keys: readonly string[];
  readonly value: (settings: Properties) => string;
}

const HEADERS: Readonly<Record<string, SecurityHeader>> = {
  ContentSecurityPolicy: {
    name: 'content-security-policy',
    keys: ['ContentSecurityPolicy'],
    value: (settings) => String(settings.ContentSecurityPolicy),
  },
  ContentTypeOptions: { name: 'x-content-type-options', keys: [], value: () => 'nosniff' },
  FrameOptions: { name: 'x-frame-options', keys: ['FrameOption'], value: (settings) => String(settings.FrameOption) },
  ReferrerPolicy: { name: 'referrer-policy', keys: ['ReferrerPolicy'], value: (settings) => String(settings.ReferrerPolicy) },
  StrictTransportSecurity: {
    name: 'strict-transport-security',
    keys: ['AccessControlMaxAgeSec', 'IncludeSubdomains', 'Preload'],
    value: ({ AccessControlMaxAgeSec, IncludeSubdomains, Preload }) =>
      `max-age=${AccessControlMaxAgeSec}${asBoolean(IncludeSubdomains) ? '; includeSubDomains' : ''}${asBoolean(Preload) ? '; preload' : ''}`,
  },
  XSSProtection: {
    name: 'x-xss-protection',
    keys: ['Protection', 'ModeBlock', 'ReportUri'],
    value: ({ Protection, ModeBlock, ReportUri }) =>
      asBoolean(Protection)
        ? `1${asBoolean(ModeBlock) ? '; mode=block' : ''}${ReportUri === undefined ? '' : `; report=${ReportUri}`}`
        : '0',
  },
};

export function parseSecurityHeaders(config: Properties): PolicyHeader[] {
  assertKnownKeys('SecurityHeadersConfig', config, { understood: Object.keys(HEADERS) });
  return Object.entries(HEADERS).flatMap(([key, { name, keys, value }]) => {
    if (config[key] === undefined) return [];
    const settings = asProperties(`SecurityHeadersConfig.${key}`, config[key]);
    assertKnownKeys(`SecurityHeadersConfig.${key}`, settings, { understood: [...keys, 'Override'] });
    return [{ name, value: value(settings), override: asBoolean(settings.Override) }];
  });
}
