import { CfnOutput } from 'aws-cdk-lib';
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
  constructor(scope: Construct, id: string, props: MigrationStackProps) {
    super(scope, id, props);
    const steps = new MigrationSteps(this, 'Steps', { database: props.database });
    const catchUpStep = steps.make('CatchUp', 'catch-up');
    const daily = new DailyMigration(this, 'DailyMigration', { steps, catchUp: catchUpStep });
    const catchUp = new CatchUp(this, 'CatchUp', { catchUp: catchUpStep });
    // For operators, by hand: what is ahead, and pause, resume, cancel.
    steps.make('PlanMigration', 'plan-migration');
    steps.make('ControlMigration', 'control-migration');
    new CfnOutput(this, 'DailyMigrationArn', { value: daily.stateMachine.stateMachineArn });
    new CfnOutput(this, 'CatchUpArn', { value: catchUp.stateMachine.stateMachineArn });
    new CfnOutput(this, 'ReportsBucketName', { value: steps.reports.bucketName });
  }
}
