import { CfnOutput } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Database } from '../database/database.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { CatchUp } from './catch-up.ts';
import { DailyMigration } from './daily-migration.ts';
import { MigrationSteps } from './migration-steps.ts';

export interface MigrationStackProps extends EnvironmentStackProps {
  readonly database: Database;
}

/** Everything that moves rows. */
export class MigrationStack extends EnvironmentStack {
  readonly daily: DailyMigration;
  /** A page and its JSON per run, below `daily-migration/`. */
  readonly reports: s3.IBucket;

  constructor(scope: Construct, id: string, props: MigrationStackProps) {
    super(scope, id, props);
    const steps = new MigrationSteps(this, 'Steps', { database: props.database });
    const catchUpStep = steps.make('CatchUp', 'catch-up');
    this.daily = new DailyMigration(this, 'DailyMigration', { steps, catchUp: catchUpStep });
    const catchUp = new CatchUp(this, 'CatchUp', { catchUp: catchUpStep });
    // For operators, by hand: what is ahead, and pause, resume, cancel.
    steps.make('PlanMigration', 'plan-migration');
    steps.make('ControlMigration', 'control-migration');
    new CfnOutput(this, 'DailyMigrationArn', { value: this.daily.stateMachine.stateMachineArn });
    new CfnOutput(this, 'CatchUpArn', { value: catchUp.stateMachine.stateMachineArn });
    this.reports = steps.reports;
    new CfnOutput(this, 'ReportsBucketName', { value: steps.reports.bucketName });
  }
}
