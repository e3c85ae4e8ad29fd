import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Database } from '../database/database.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { DailyMigration } from './daily-migration.ts';

export interface MigrationStackProps extends EnvironmentStackProps {
  readonly database: Database;
}

/** Everything that moves rows. */
export class MigrationStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, props: MigrationStackProps) {
    super(scope, id, props);
    const daily = new DailyMigration(this, 'DailyMigration', { database: props.database });
    new CfnOutput(this, 'DailyMigrationArn', { value: daily.stateMachine.stateMachineArn });
    new CfnOutput(this, 'ReportsBucketName', { value: daily.reports.bucketName });
  }
}
