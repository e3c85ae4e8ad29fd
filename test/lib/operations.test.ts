import { describe, expect, it } from 'vitest';
import { metricsNamespace } from '../../lambdas/metrics-namespace.ts';
import { Specs } from '../../local/cloud/specs.ts';
import { readAlarms } from '../../local/cloudwatch/read-alarms.ts';
import { distributionOf, functionsOf, headersPolicyOf } from './distribution-config.ts';
import { statementsOf, useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all } = synthesized;

const DEAD_LETTERS = 'arn:aws:sqs:ap-northeast-2:000000000000:videopick-dev-dead-letters';

it('every rule and schedule has a place for what could not be delivered', () => {
  const targets = [
    ...all('AWS::Events::Rule').flatMap(({ properties }) => properties.Targets as readonly { DeadLetterConfig?: { Arn?: string } }[]),
    ...all('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target as { DeadLetterConfig?: { Arn?: string } }),
  ];
  expect(targets.length).toBeGreaterThan(5);
  for (const { DeadLetterConfig } of targets) expect(DeadLetterConfig?.Arn).toBe(DEAD_LETTERS);
});

it('every function that a rule or schedule starts has a place for the events at which it failed', () => {
  const started = [
    ...all('AWS::Events::Rule').flatMap(({ properties }) => properties.Targets as readonly { Arn: string }[]),
    ...all('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target as { Arn: string }),
  ].filter(({ Arn }) => Arn.includes(':function:'));
  const functions = all('AWS::Lambda::Function').filter(({ attributes }) => started.some(({ Arn }) => Arn === attributes.Arn));
  expect(functions.map(({ ref }) => ref).sort()).toEqual(
    ['hide-videos', 'record-progress', 'release-rollout', 'sweep-videos'].map((name) => `videopick-dev-${name}`),
  );
  for (const { ref, properties } of functions) {
    const configs = all('AWS::Lambda::EventInvokeConfig').filter(({ properties: { FunctionName } }) => FunctionName === ref);
    expect(
      configs.map(({ properties: { DestinationConfig, Qualifier } }) => ({ DestinationConfig, Qualifier })),
      ref,
    ).toEqual([{ Qualifier: '$LATEST', DestinationConfig: { OnFailure: { Destination: DEAD_LETTERS } } }]);
    const role = String(properties.Role).split('/').at(-1);
    const allowed = all('AWS::IAM::Policy')
      .filter(({ properties: { Roles } }) => (Roles as readonly unknown[]).includes(role))
      .flatMap(statementsOf)
      .filter(({ Resource }) => [Resource].flat().includes(DEAD_LETTERS));
    expect(
      allowed.flatMap(({ Action }) => Action),
      ref,
    ).toContain('sqs:SendMessage');
  }
});

describe('an alarm', () => {
  const alarms = () => all('AWS::CloudWatch::Alarm');

  it('tells somebody, and may', () => {
    expect(alarms().length).toBeGreaterThan(3);
    const topics = new Set(
      alarms().flatMap(({ ref, properties }) => {
        const actions = (properties.AlarmActions ?? []) as readonly string[];
        expect(actions.length, ref).toBeGreaterThan(0);
        return actions;
      }),
    );
    for (const arn of topics) {
      const policies = all('AWS::SNS::TopicPolicy').filter(({ properties }) => (properties.Topics as readonly string[]).includes(arn));
      expect(policies.flatMap(statementsOf), arn).toContainEqual(
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: arn,
          Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
        }),
      );
      const topic = all('AWS::SNS::Topic').find(({ ref }) => ref === arn);
      const key = all('AWS::KMS::Key').find(({ attributes }) => attributes.Arn === topic?.properties.KmsMasterKeyId);
      const statements = (key?.properties.KeyPolicy as { Statement: unknown[] } | undefined)?.Statement;
      expect(statements, arn).toContainEqual(
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        }),
      );
    }
  });

  it('counts what the functions of its own environment write', () => {
    const namespace = metricsNamespace('dev');
    for (const { name, environment } of new Specs(synthesized.assembly).functions())
      expect(environment.POWERTOOLS_METRICS_NAMESPACE, name).toBe(namespace);
    const metrics = readAlarms(alarms()).flatMap((alarm) => (alarm.kind === 'metric' ? alarm.queries : []));
    const namespaces = metrics.flatMap((query) => ('metric' in query ? query.metric.namespace : []));
    expect(namespaces.filter((watched) => !watched.startsWith('AWS/'))).toEqual([namespace]);
    expect(namespace).not.toBe(metricsNamespace('prod'));
  });
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

  it('takes commands, and forms for LinkPick’s pages, with the query and the headers of the viewer and nothing cached', () => {
    for (const behavior of ofConsole()) {
      expect(behavior.AllowedMethods).toContain('POST');
      expect(behavior).toMatchObject({
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac', // AllViewerExceptHostHeader: x-amz-content-sha256 among them
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // CachingDisabled
      });
    }
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
