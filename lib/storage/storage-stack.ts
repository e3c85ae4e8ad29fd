import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';

/** What CloudFront may read. `originals/` and `temp/` are never served. */
export const DELIVERED_VIDEO_PREFIXES = ['encoded', 'thumbnails', 'previews'] as const;
export const DELIVERED_STATIC_PREFIXES = ['channel-banners', 'channel-avatars', 'community-images'] as const;

/** The buckets: videos (originals, temp, and what is made of them) and static pictures. */
export class StorageStack extends EnvironmentStack {
  readonly videos: s3.Bucket;
  readonly statics: s3.Bucket;

  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    super(scope, id, props);
    this.videos = this.#bucket('Videos', [
      { id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
      // Versioned: what expires stays as an old version, which has to go too.
      { id: 'temp', prefix: 'temp/', expiration: Duration.days(2), noncurrentVersionExpiration: Duration.days(2) },
      { id: 'replaced-originals', prefix: 'originals/', noncurrentVersionExpiration: Duration.days(30) },
    ]);
    sendEventsToEventBridge(this.videos);
    // What a browser may do with a signed URL of a part: send it, and read the ETag of the answer.
    this.videos.addCorsRule({
      allowedOrigins: [...props.environment.uploadOrigins],
      allowedMethods: [s3.HttpMethods.PUT],
      allowedHeaders: ['x-amz-checksum-sha256', 'content-type'],
      exposedHeaders: ['ETag'],
      maxAge: 3600,
    });
    this.#deliver(this.videos, DELIVERED_VIDEO_PREFIXES);
    this.statics = this.#bucket('Statics', [
      { id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
      { id: 'replaced-pictures', noncurrentVersionExpiration: Duration.days(30) },
    ]);
    this.#deliver(this.statics, DELIVERED_STATIC_PREFIXES);
    new CfnOutput(this, 'VideosBucketName', { value: this.videos.bucketName });
    new CfnOutput(this, 'StaticBucketName', { value: this.statics.bucketName });
  }

  #bucket(id: string, lifecycleRules: s3.LifecycleRule[]): s3.Bucket {
    return new s3.Bucket(this, id, {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules,
      removalPolicy: this.dataRemovalPolicy,
    });
  }

  /**
   * Lets this account's distributions read the prefixes. Naming the one distribution would make the stacks depend on each other in a circle;
   * the bucket stays closed to everyone else.
   */
  #deliver(bucket: s3.Bucket, prefixes: readonly string[]): void {
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['s3:GetObject'],
        resources: prefixes.map((prefix) => bucket.arnForObjects(`${prefix}/*`)),
        conditions: { ArnLike: { 'aws:SourceArn': `arn:aws:cloudfront::${this.account}:distribution/*` } },
      }),
    );
  }
}

/** The property CloudFormation has for it; the construct's own switch would add a function and a custom resource. */
function sendEventsToEventBridge(bucket: s3.Bucket): void {
  const resource = bucket.node.defaultChild as s3.CfnBucket;
  resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
}
