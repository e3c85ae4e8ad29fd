import { describe, expect, it } from 'vitest';
import { Specs } from '../../local/cloud/specs.ts';
import { isLogs } from './distribution-config.ts';
import { named, statementsOf, useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all } = synthesized;
const bucketPolicies = () =>
  all('AWS::S3::BucketPolicy').map((policy) => ({ bucket: policy.properties.Bucket, statements: statementsOf(policy) }));

const dataBuckets = () => all('AWS::S3::Bucket').filter((bucket) => !isLogs(bucket));

describe('buckets', () => {
  it('are four: videos, static pictures, reports, access logs', () => {
    expect(all('AWS::S3::Bucket')).toHaveLength(4);
  });

  it('of access logs is closed to the public, open to the service’s access list, and forgets after a month', () => {
    expect(all('AWS::S3::Bucket').find(isLogs)?.properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 30 }] },
    });
  });

  it('close every way to the public, belong to their owner, are encrypted and versioned', () => {
    for (const bucket of dataBuckets()) {
      expect(bucket.properties, named(bucket)).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: expect.stringMatching(/^(AES256|aws:kms)$/) } },
          ],
        },
        VersioningConfiguration: { Status: 'Enabled' },
      });
      expect(bucket.properties.AccessControl, named(bucket)).toBeUndefined();
    }
  });

  it('refuse every request without TLS 1.2, for the bucket and all its objects', () => {
    const policies = bucketPolicies();
    for (const { ref, attributes } of all('AWS::S3::Bucket')) {
      const denied = policies
        .filter(({ bucket }) => bucket === ref)
        .flatMap(({ statements }) => statements.filter(({ Effect }) => Effect === 'Deny'));
      const whole = { Action: 's3:*', Principal: { AWS: '*' }, Resource: [attributes.Arn, `${attributes.Arn}/*`] };
      expect(denied, ref).toContainEqual({ Effect: 'Deny', ...whole, Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
      expect(denied, ref).toContainEqual({ Effect: 'Deny', ...whole, Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } });
    }
  });

  it('keep neither abandoned uploads nor the old versions of what expires', () => {
    interface Rule {
      readonly Status: string;
      readonly Prefix?: string;
      readonly ExpirationInDays?: number;
      readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
      readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
    }
    for (const bucket of dataBuckets()) {
      const { Rules: rules } = bucket.properties.LifecycleConfiguration as { Rules: readonly Rule[] };
      expect(
        rules.every(({ Status }) => Status === 'Enabled'),
        named(bucket),
      ).toBe(true);
      expect(
        rules.filter((rule) => rule.AbortIncompleteMultipartUpload !== undefined && rule.Prefix === undefined),
        named(bucket),
      ).toHaveLength(1);
      expect(
        rules.some((rule) => rule.NoncurrentVersionExpiration !== undefined),
        named(bucket),
      ).toBe(true);
      for (const rule of rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined)) {
        expect(rule.NoncurrentVersionExpiration?.NoncurrentDays, `${named(bucket)} ${rule.Prefix}`).toBeGreaterThan(0);
      }
    }
  });

  it('let nobody in but the distributions of the account, and those only to what is delivered', () => {
    const allowed = bucketPolicies().flatMap(({ statements }) => statements.filter(({ Effect }) => Effect === 'Allow'));
    expect(allowed).toHaveLength(2);
    for (const statement of allowed) {
      expect(statement).toMatchObject({
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:cloudfront::000000000000:distribution/*' } },
      });
    }
    const prefixes = allowed.flatMap(({ Resource: resources }) => [resources].flat()).map((arn) => arn.replace(/^[^/]*/, ''));
    expect(prefixes.sort()).toEqual([
      '/channel-avatars/*',
      '/channel-banners/*',
      '/community-images/*',
      '/encoded/*',
      '/previews/*',
      '/thumbnails/*',
    ]);
  });

  it('send events to EventBridge from the videos bucket alone', () => {
    const sending = new Specs(synthesized.assembly).buckets().filter(({ eventBridge }) => eventBridge);
    expect(sending.map(({ name }) => name)).toEqual([synthesized.assembly.outputs.VideosBucketName]);
  });
});
