import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { MigrationEnv } from '../../lambdas/migration/config.ts';
import type { Database } from '../database/database.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import { MigrationSettings } from './migration-settings.ts';
import { Notices } from './notices.ts';

export interface MigrationStepsProps {
  readonly database: Database;
}

/** What the migration's functions have in common: the database, the settings, the reports and the notices. */
export class MigrationSteps extends Construct {
  readonly settings: MigrationSettings;
  readonly notices: Notices;
  /** Holds two objects per run: JSON and HTML. */
  readonly reports: s3.Bucket;
  readonly #database: Database;

  constructor(scope: Construct, id: string, { database }: MigrationStepsProps) {
    super(scope, id);
    this.#database = database;
    this.settings = new MigrationSettings(this, 'Settings');
    this.notices = new Notices(this, 'Notices');
    this.reports = new s3.Bucket(this, 'Reports', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(2) }],
      removalPolicy: EnvironmentStack.of(this).environmentConfig.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** A function of the migration: `copy-entity` for `lambdas/migration/copy-entity.lambda.ts`. */
  make(id: string, entry: string): LambdaStep {
    const environment = {
      ...this.#database.environment,
      ...this.settings.environmentVariables,
      REPORT_BUCKET: this.reports.bucketName,
      NOTICES_TOPIC_ARN: this.notices.topic.topicArn,
    } satisfies MigrationEnv;
    const step = new LambdaStep(this, id, { entry: `migration/${entry}`, environment });
    this.#database.grantDataApi(step);
    this.settings.grantRead(step);
    return step;
  }
}
