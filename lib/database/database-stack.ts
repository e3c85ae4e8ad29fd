import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as triggers from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import { addToBundle } from '../bundle.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import { Database } from './database.ts';

/** The database, and the trigger that brings its schema to this version at every deploy that changes it. */
export class DatabaseStack extends EnvironmentStack {
  readonly database: Database;

  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    super(scope, id, props);
    this.database = new Database(this, 'Database');
    addToBundle('migration/apply-schema', 'migrations', 'database/migrations');
    const applySchema = new LambdaStep(this, 'ApplySchema', {
      entry: 'migration/apply-schema',
      environment: this.database.environment,
      timeout: Duration.minutes(10),
    });
    this.database.grantDataApi(applySchema);
    // Runs again whenever the function's code changes, and the SQL is part of it.
    new triggers.Trigger(this, 'SchemaAtDeploy', { handler: applySchema, timeout: Duration.minutes(10), executeAfter: [this.database] });
    const { CLUSTER_ARN, SECRET_ARN, DATABASE_NAME } = this.database.environment;
    new CfnOutput(this, 'ClusterArn', { value: CLUSTER_ARN });
    new CfnOutput(this, 'SecretArn', { value: SECRET_ARN });
    new CfnOutput(this, 'DatabaseName', { value: DATABASE_NAME });
  }
}
