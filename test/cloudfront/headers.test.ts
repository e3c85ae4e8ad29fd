import { describe, expect, it } from 'vitest';
import { CORS_WITH_PREFLIGHT, distribution, SECURITY_HEADERS, SIMPLE_CORS, send, startCloudFront } from './local-cloudfront.ts';

const READS = ['GET', 'HEAD', 'OPTIONS'];
const start = (id: string, policy?: object, behavior: object = {}) =>
  startCloudFront({
    distribution: distribution({}, { ResponseHeadersPolicyId: id, AllowedMethods: READS, ...behavior }),
    responseHeadersPolicies: new Map(policy === undefined ? [] : [[id, { ResponseHeadersPolicyConfig: { Name: 'own', ...policy } }]]),
  });
const preflight = { origin: 'https://app.example', 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' };

const OWN_CORS = {
  CorsConfig: {
    AccessControlAllowCredentials: false,
    AccessControlAllowOrigins: { Items: ['https://*.videopick.example'] },
    AccessControlAllowHeaders: { Items: ['range'] },
    AccessControlAllowMethods: { Items: ['GET', 'HEAD'] },
    AccessControlExposeHeaders: { Items: ['content-length'] },
    AccessControlMaxAgeSec: 600,
    OriginOverride: true,
  },
};

describe('CORS', () => {
  it('is open to all under SimpleCORS, for errors too, and silent without an origin', async () => {
    const cdn = await start(SIMPLE_CORS);
    await cdn.put('k', 'hello');
    expect((await send(cdn.url, '/k', { origin: 'https://a.example' })).headers['access-control-allow-origin']).toBe('*');
    expect((await send(cdn.url, '/missing', { origin: 'https://a.example' })).headers['access-control-allow-origin']).toBe('*');
    expect((await send(cdn.url, '/k')).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('answers a preflight under CORS-With-Preflight', async () => {
    const { url } = await start(CORS_WITH_PREFLIGHT);
    const { status, headers } = await send(url, '/k', preflight, 'OPTIONS');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT',
      'access-control-allow-headers': '*',
    });
  });

  it('allows the origins of a policy of its own, and no other', async () => {
    const { url } = await start('own', OWN_CORS);
    const allowed = await send(url, '/k', { ...preflight, origin: 'https://app.videopick.example' }, 'OPTIONS');
    expect(allowed.status).toBe(200);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.videopick.example',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'range',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    const other = await send(url, '/k', preflight, 'OPTIONS');
    expect([other.status, other.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  it('keeps the CORS headers of a function unless the policy overrides them', async () => {
    for (const [id, expected] of [
      [SIMPLE_CORS, 'https://from.function'],
      ['own', 'https://app.videopick.example'],
    ] as const) {
      const cdn = await startCloudFront({
        distribution: distribution({}, {}, { ResponseHeadersPolicyId: id }),
        responseHeadersPolicies: new Map([['own', { ResponseHeadersPolicyConfig: OWN_CORS }]]),
        invoke: async () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://from.function' } }),
      });
      const { headers } = await send(cdn.url, '/api/x', { origin: 'https://app.videopick.example' });
      expect(headers['access-control-allow-origin']).toBe(expected);
    }
  });
});

describe('other headers', () => {
  it('adds the managed security headers', async () => {
    const { url } = await start(SECURITY_HEADERS);
    expect((await send(url, '/missing')).headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'x-xss-protection': '1; mode=block',
    });
  });

  it('adds, overrides and removes as the policy says', async () => {
    const cdn = await startCloudFront({
      distribution: distribution({}, {}, { ResponseHeadersPolicyId: 'own' }),
      responseHeadersPolicies: new Map([
        [
          'own',
          {
            ResponseHeadersPolicyConfig: {
              Name: 'own',
              CustomHeadersConfig: {
                Items: [
                  { Header: 'X-Kept', Value: 'policy', Override: false },
                  { Header: 'X-Replaced', Value: 'policy', Override: true },
                ],
              },
              RemoveHeadersConfig: { Items: [{ Header: 'X-Powered-By' }] },
              SecurityHeadersConfig: { ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'self'", Override: true } },
            },
          },
        ],
      ]),
      invoke: async () => ({ statusCode: 200, headers: { 'X-Kept': 'origin', 'X-Replaced': 'origin', 'X-Powered-By': 'x' } }),
    });
    const { headers } = await send(cdn.url, '/api/x');
    expect(headers).toMatchObject({ 'x-kept': 'origin', 'x-replaced': 'policy', 'content-security-policy': "default-src 'self'" });
    expect(headers).not.toHaveProperty('x-powered-by');
  });
});
