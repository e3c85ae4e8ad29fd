import { Duration } from 'aws-cdk-lib';
import * as appconfig from 'aws-cdk-lib/aws-appconfig';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { EnvironmentStack } from '../environment-stack.ts';
import type { FlagsStack } from './flags-stack.ts';
import type { RolloutAlarms } from './rollout-alarms.ts';

/** Where flags and notices are deployed to, how, and the alarms that turn a deployment back. */
export class RolloutEnvironment extends Construct {
  readonly environment: appconfig.Environment;
  /** In steps, with a time to bake. */
  readonly gradually: appconfig.DeploymentStrategy;
  readonly atOnce: appconfig.DeploymentStrategy;

  constructor(scope: Construct, id: string, { flags, alarms }: { readonly flags: FlagsStack; readonly alarms: RolloutAlarms }) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const { name, rollout } = stack.environmentConfig;
    const role = new iam.Role(this, 'AlarmRole', {
      assumedBy: new iam.ServicePrincipal('appconfig.amazonaws.com'),
      description: 'Lets AppConfig look at the alarms while it deploys',
    });
    // As AppConfig's guide has it: the call describes many alarms, and which ones is not known to IAM.
    role.addToPolicy(new iam.PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
    this.environment = new appconfig.Environment(this, 'Environment', {
      application: flags.application,
      environmentName: name,
      monitors: alarms.all.map((alarm) => appconfig.Monitor.fromCloudWatchAlarm(alarm, role)),
    });
    const strategy = (strategyId: string, strategyName: string, minutes: { deploy: number; bake: number }, growthFactor: number) =>
      new appconfig.DeploymentStrategy(this, strategyId, {
        deploymentStrategyName: stack.nameOf(strategyName),
        rolloutStrategy: appconfig.RolloutStrategy.linear({
          growthFactor,
          deploymentDuration: Duration.minutes(minutes.deploy),
          finalBakeTime: Duration.minutes(minutes.bake),
        }),
      });
    const { deploymentMinutes, stepPercent, bakeMinutes } = rollout;
    this.gradually = strategy('Gradually', 'rollout', { deploy: deploymentMinutes, bake: bakeMinutes }, stepPercent);
    this.atOnce = strategy('AtOnce', 'rollout-at-once', { deploy: 0, bake: 0 }, 100);
    const first = this.#deploy('FirstFlags', flags, flags.flags);
    // An environment takes one deployment at a time.
    this.#deploy('FirstNotices', flags, flags.notices).addResourceDependency(first);
  }

  /** The first version. What operators and rollouts deploy later stays: CloudFormation deploys again only when the first version has changed. */
  #deploy(id: string, { application }: FlagsStack, configuration: appconfig.HostedConfiguration): appconfig.CfnDeployment {
    if (configuration.versionNumber === undefined) throw new Error('a hosted configuration has no version; expected its first');
    return new appconfig.CfnDeployment(this, id, {
      applicationId: application.applicationId,
      environmentId: this.environment.environmentId,
      configurationProfileId: configuration.configurationProfileId,
      configurationVersion: configuration.versionNumber,
      deploymentStrategyId: this.atOnce.deploymentStrategyId,
    });
  }
}
