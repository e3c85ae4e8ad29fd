import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Long enough to look into a complaint; the logs hold addresses of persons. */
const KEPT = Duration.days(30);

/** Where the distribution's access logs go. The service delivers them with an access list, so the bucket has to know those. */
export function accessLogBucket(scope: Construct, id: string): s3.Bucket {
  return new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    encryption: s3.BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
    lifecycleRules: [{ id: 'kept-for-a-month', expiration: KEPT, abortIncompleteMultipartUploadAfter: Duration.days(2) }],
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
