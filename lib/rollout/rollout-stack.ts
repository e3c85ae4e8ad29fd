import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Database } from '../database/database.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import type { FlagsStack } from './flags-stack.ts';
import { Rollout } from './rollout.ts';
import { RolloutAlarms } from './rollout-alarms.ts';
import { RolloutEnvironment } from './rollout-environment.ts';
import { RolloutSteps } from './rollout-steps.ts';
import { RolloutTopics } from './rollout-topics.ts';
import { ScheduledPhases } from './scheduled-phases.ts';

export interface RolloutStackProps extends EnvironmentStackProps {
  readonly database: Database;
  readonly flags: FlagsStack;
  /** Of the API that the app speaks to: its faults turn a rollout back. */
  readonly apiId: string;
}

/** Opens the platform phase by phase. */
export class RolloutStack extends EnvironmentStack {
  readonly rollout: Rollout;
  readonly topics: RolloutTopics;
  readonly alarms: RolloutAlarms;
  readonly target: RolloutEnvironment;

  constructor(scope: Construct, id: string, { database, flags, apiId, ...props }: RolloutStackProps) {
    super(scope, id, props);
    this.topics = new RolloutTopics(this, 'Topics');
    this.alarms = new RolloutAlarms(this, 'Alarms', { apiId });
    this.target = new RolloutEnvironment(this, 'Environment', { flags, alarms: this.alarms });
    const { topics, alarms, target } = this;
    const steps = new RolloutSteps(this, 'Steps', { database, flags, target, alarms, topics });
    this.rollout = new Rollout(this, 'Rollout', { steps, flags, target, alarms, topics });
    new ScheduledPhases(this, 'Scheduled', { stateMachine: this.rollout.stateMachine });
    new CfnOutput(this, 'RolloutArn', { value: this.rollout.stateMachine.stateMachineArn });
  }
}
