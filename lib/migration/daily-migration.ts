import { Duration, RemovalPolicy, TimeZone } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { MigrationEnv } from '../../lambdas/migration/config.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import type { Database } from '../database/database.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import { NamedStateMachine } from '../named-state-machine.ts';
import { MigrationSettings } from './migration-settings.ts';

export interface DailyMigrationProps {
  readonly database: Database;
}

/** Moves legacy rows into video_platform, a day's quota at a time, every night at 02:00 in Seoul. */
export class DailyMigration extends Construct {
  readonly stateMachine: sfn.StateMachine;
  /** Holds a report per run. */
  readonly reports: s3.Bucket;

  constructor(scope: Construct, id: string, { database }: DailyMigrationProps) {
    super(scope, id);
    const { migration, keepData } = EnvironmentStack.of(this).environmentConfig;
    this.reports = new s3.Bucket(this, 'Reports', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(2) }],
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const settings = new MigrationSettings(this, 'Settings');
    const { dailyLimit, batchRows } = Settings.parse(migration.settings);
    const environment = {
      ...database.environment,
      ...settings.environmentVariables,
      DAILY_LIMIT: String(dailyLimit),
      BATCH_ROWS: String(batchRows),
      REPORT_BUCKET: this.reports.bucketName,
    } satisfies MigrationEnv;
    const step = (name: string, entry: string): LambdaStep => {
      const lambdaStep = new LambdaStep(this, name, { entry: `migration/${entry}`, environment });
      database.grantDataApi(lambdaStep);
      settings.grantRead(lambdaStep);
      return lambdaStep;
    };
    const openRun = step('OpenRun', 'open-run');
    const closeRun = step('CloseRun', 'close-run');
    this.reports.grantPut(closeRun);
    this.stateMachine = new NamedStateMachine(this, 'StateMachine', {
      name: 'daily-migration',
      steps: {
        OpenRun: openRun,
        CopyEntity: step('CopyEntity', 'copy-entity'),
        VerifyEntity: step('VerifyEntity', 'verify-entity'),
        CloseRun: closeRun,
      },
    });
    NamedStateMachine.grantDescribe('daily-migration', openRun);
    new scheduler.Schedule(this, 'Nightly', {
      schedule: scheduler.ScheduleExpression.cron({ minute: '0', hour: '2', timeZone: TimeZone.ASIA_SEOUL }),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, { input: scheduler.ScheduleTargetInput.fromObject({}) }),
      enabled: migration.scheduled,
      description: 'Starts the daily migration at 02:00 in Seoul',
    });
  }

  grantStart(grantee: iam.IGrantable): iam.Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }
}
