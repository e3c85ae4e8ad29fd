import { describe, expect, it } from 'vitest';
import { distributionOf, functionsOf, headersPolicyOf } from './distribution-config.ts';
import { useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all } = synthesized;

it('every rule and schedule has a place for what could not be delivered', () => {
  const targets = [
    ...all('AWS::Events::Rule').flatMap(({ properties }) => properties.Targets as readonly { DeadLetterConfig?: { Arn?: string } }[]),
    ...all('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target as { DeadLetterConfig?: { Arn?: string } }),
  ];
  expect(targets.length).toBeGreaterThan(5);
  for (const { DeadLetterConfig } of targets)
    expect(DeadLetterConfig?.Arn).toBe('arn:aws:sqs:ap-northeast-2:000000000000:videopick-dev-dead-letters');
});

describe('delivery', () => {
  const distribution = () => distributionOf(synthesized);
  /** The page and its API. */
  const ofConsole = () => [
    distribution().DefaultCacheBehavior,
    ...distribution().CacheBehaviors.filter(({ PathPattern }) => PathPattern === 'api/*'),
  ];

  it('asks who comes before it shows the console or takes a command', () => {
    expect(ofConsole()).toHaveLength(2);
    for (const behavior of ofConsole()) {
      expect(behavior.TargetOriginId).toBe(distribution().DefaultCacheBehavior.TargetOriginId);
      expect(functionsOf(behavior)).toEqual(['viewer-request route-pages']);
    }
  });

  it('asks the upload API before the console, and who comes before either', () => {
    const patterns = distribution().CacheBehaviors.map(({ PathPattern }) => PathPattern);
    expect(patterns.indexOf('api/uploads*')).toBeLessThan(patterns.indexOf('api/*'));
    const [uploads, console] = ['api/uploads*', 'api/*'].map((pattern) =>
      distribution().CacheBehaviors.find(({ PathPattern }) => PathPattern === pattern),
    );
    const own = { PathPattern: 'api/uploads*', TargetOriginId: expect.anything(), FunctionAssociations: expect.anything() };
    expect(uploads).toMatchObject({ ...console, ...own });
    expect(uploads && functionsOf(uploads)).toEqual(['viewer-request operators-only']);
    expect(uploads?.TargetOriginId).not.toBe(console?.TargetOriginId);
  });

  it('takes commands below /api alone, with the query and the headers of the viewer and nothing cached', () => {
    const [page, api] = ofConsole();
    expect(page?.AllowedMethods).toEqual(['GET', 'HEAD']);
    expect(api?.AllowedMethods).toContain('POST');
    expect(api).toMatchObject({
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac', // AllViewerExceptHostHeader: x-amz-content-sha256 among them
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // CachingDisabled
    });
  });

  it('lets no other site read or frame the console', () => {
    for (const behavior of ofConsole()) {
      expect(headersPolicyOf(synthesized, behavior)).not.toHaveProperty('CorsConfig');
      expect(headersPolicyOf(synthesized, behavior)).toMatchObject({
        SecurityHeadersConfig: {
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'DENY', Override: true },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: true, Override: true },
        },
      });
    }
  });
});
