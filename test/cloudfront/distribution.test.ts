import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathMatcher } from '../../local/cloudfront/path-pattern.ts';
import { distribution, send, startCloudFront } from './local-cloudfront.ts';

describe('path patterns', () => {
  it.each([
    ['/api/*', '/api/', true],
    ['/api/*', '/api', false],
    ['api/*', '/api/a/b', true],
    ['*.m3u8', '/encoded/v/1080p.m3u8', true],
    ['*.m3u8', '/a.M3U8', false],
    ['/encoded/?/*.ts', '/encoded/v/a.ts', true],
    ['/encoded/?/*.ts', '/encoded/vv/a.ts', false],
    ['/a.b', '/aXb', false],
    ['*', '/', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(pathMatcher(pattern)(path)).toBe(expected);
  });

  it('agree with the regular expression they stand for', () => {
    const unit = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 10 });
    fc.assert(
      fc.property(unit('ab*?.'), unit('ab.'), (pattern, path) => {
        const source = pattern.replace(/[.]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
        expect(pathMatcher(pattern)(path)).toBe(new RegExp(`^${source}$`).test(path));
      }),
      { numRuns: 2000 },
    );
  });

  it('take time in proportion to the path, however many stars', () => {
    const started = performance.now();
    expect(pathMatcher('*a'.repeat(50))('a'.repeat(49) + 'b'.repeat(5000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('are tried in their order', async () => {
    const behavior = (PathPattern: string, TargetOriginId: string) => ({ PathPattern, TargetOriginId, AllowedMethods: ['GET', 'HEAD'] });
    const cdn = await startCloudFront({
      distribution: distribution({ CacheBehaviors: [behavior('/x/public/*', 'videos'), behavior('/x/*', 'api')] }),
      invoke: async () => 'function',
    });
    await cdn.put('x/public/k', 'object');
    expect([(await send(cdn.url, '/x/public/k')).body.toString(), (await send(cdn.url, '/x/k')).body.toString()]).toEqual([
      'object',
      'function',
    ]);
  });
});

describe('what would be ignored is refused by name', () => {
  it.each([
    ['geo restriction', { Restrictions: { GeoRestriction: { RestrictionType: 'whitelist', Locations: ['KR'] } } }, {}],
    ['OriginGroups', { OriginGroups: { Quantity: 1, Items: [{}] } }, {}],
    ['Enabled', { Enabled: false }, {}],
    ['AnythingNew', { AnythingNew: true }, {}],
    ['LambdaFunctionAssociations', {}, { LambdaFunctionAssociations: [{ EventType: 'origin-request' }] }],
    ['TrustedKeyGroups', {}, { TrustedKeyGroups: ['K1'] }],
    ['origin-response', {}, { FunctionAssociations: [{ EventType: 'origin-response', FunctionARN: 'arn' }] }],
    ['the function arn:late', {}, { FunctionAssociations: [{ EventType: 'viewer-response', FunctionARN: 'arn:late' }] }],
    ['the function arn:none', {}, { FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: 'arn:none' }] }],
    ['ForwardedValues', {}, { ForwardedValues: { QueryString: true } }],
    ['the response headers policy own', {}, { ResponseHeadersPolicyId: 'own' }],
    ['the origin "nowhere"', {}, { TargetOriginId: 'nowhere' }],
    ['TargetOriginId', {}, { TargetOriginId: { Ref: 'Unresolved' } }],
  ])('%s', async (name, config, behavior) => {
    await expect(startCloudFront({ distribution: distribution(config, behavior) })).rejects.toMatchObject({
      name: 'UnsupportedDistributionError',
      message: expect.stringContaining(name),
    });
  });

  it('a function behind a policy whose forwarding is not known', async () => {
    const api = { OriginRequestPolicyId: '216adef6-5c7f-47e4-b989-5493eafa07d3' };
    await expect(startCloudFront({ distribution: distribution({}, {}, api) })).rejects.toThrow('AllViewerExceptHostHeader');
  });

  it('Server-Timing in a response headers policy, but not its being off', async () => {
    const policy = (Enabled: boolean) => ({
      distribution: distribution({}, { ResponseHeadersPolicyId: 'own' }),
      responseHeadersPolicies: new Map([
        ['own', { ResponseHeadersPolicyConfig: { ServerTimingHeadersConfig: { Enabled, SamplingRate: 1 } } }],
      ]),
    });
    await expect(startCloudFront(policy(true))).rejects.toThrow('ServerTimingHeadersConfig');
    await startCloudFront(policy(false));
  });
});

it('accepts what makes no difference on a laptop', async () => {
  await startCloudFront({
    distribution: distribution(
      {
        Aliases: ['videopick.example'],
        Comment: 'c',
        IPV6Enabled: true,
        Logging: { Bucket: 'b' },
        ViewerCertificate: { AcmCertificateArn: 'arn' },
        WebACLId: 'arn',
        Restrictions: { GeoRestriction: { RestrictionType: 'none' } },
      },
      { CachePolicyId: 'c', OriginRequestPolicyId: 'o', TrustedKeyGroups: [], FieldLevelEncryptionId: '', SmoothStreaming: false },
    ),
  });
});
