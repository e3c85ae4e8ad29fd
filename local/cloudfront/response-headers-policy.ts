import { asBoolean, asList, asProperties, assertKnownKeys, type Properties } from './config-keys.ts';
import { type CorsSettings, parseCors } from './cors-settings.ts';
import { parseSecurityHeaders } from './security-headers.ts';

/** A header to add, or to put in place of the origin's. */
export interface PolicyHeader {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
  /** Whether it replaces the origin's. */
  readonly override: boolean;
}

/** An `AWS::CloudFront::ResponseHeadersPolicy`. */
export interface ResponseHeadersPolicy {
  readonly cors: CorsSettings | undefined;
  readonly headers: readonly PolicyHeader[];
  /** Names of the origin's headers to leave out, lower case. */
  readonly removed: readonly string[];
}

/** @throws {UnsupportedDistributionError} for what the stand-in would ignore, such as Server-Timing */
export function parseResponseHeadersPolicy(properties: Properties): ResponseHeadersPolicy {
  const resource = 'AWS::CloudFront::ResponseHeadersPolicy';
  assertKnownKeys(resource, properties, { understood: ['ResponseHeadersPolicyConfig'] });
  const config = asProperties('ResponseHeadersPolicyConfig', properties.ResponseHeadersPolicyConfig);
  const { ServerTimingHeadersConfig: serverTiming, ...rest } = config;
  assertKnownKeys('ResponseHeadersPolicyConfig', rest, {
    understood: ['CorsConfig', 'SecurityHeadersConfig', 'CustomHeadersConfig', 'RemoveHeadersConfig'],
    noEffect: ['Name', 'Comment'],
  });
  if (asBoolean((serverTiming as Properties | undefined)?.Enabled)) {
    assertKnownKeys('ResponseHeadersPolicyConfig', { ServerTimingHeadersConfig: serverTiming }, { understood: [] });
  }
  const custom = asList(config.CustomHeadersConfig).map((value) => {
    const { Header, Value, Override } = asProperties('CustomHeadersConfig.Items[]', value);
    return { name: String(Header).toLowerCase(), value: String(Value ?? ''), override: asBoolean(Override) };
  });
  return {
    cors: config.CorsConfig === undefined ? undefined : parseCors(asProperties('CorsConfig', config.CorsConfig)),
    headers: [...parseSecurityHeaders(asProperties('SecurityHeadersConfig', config.SecurityHeadersConfig ?? {})), ...custom],
    removed: asList(config.RemoveHeadersConfig).map((value) => String(asProperties('RemoveHeadersConfig', value).Header).toLowerCase()),
  };
}

/** Changes `headers`, the origin's, as the policy says. CORS is apart: it depends on the request (`applyCors`). */
export function applyPolicyHeaders({ headers: added, removed }: ResponseHeadersPolicy, headers: Record<string, string | string[]>): void {
  for (const name of removed) delete headers[name];
  for (const { name, value, override } of added) if (override || headers[name] === undefined) headers[name] = value;
}
