import { ArnFormat, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { RolloutEnv } from '../../lambdas/rollout/config.ts';
import type { Database } from '../database/database.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import type { FlagsStack } from './flags-stack.ts';
import type { RolloutAlarms } from './rollout-alarms.ts';
import type { RolloutEnvironment } from './rollout-environment.ts';
import type { RolloutTopics } from './rollout-topics.ts';

export interface RolloutStepsProps {
  readonly database: Database;
  readonly flags: FlagsStack;
  readonly target: RolloutEnvironment;
  readonly alarms: RolloutAlarms;
  readonly topics: RolloutTopics;
}

/** What a step does at AppConfig. */
type Access = 'read' | 'store' | 'stop';

const ACTIONS: Readonly<Record<Access, { readonly inEnvironment: readonly string[]; readonly inProfiles: readonly string[] }>> = {
  read: {
    inEnvironment: ['appconfig:ListDeployments'],
    inProfiles: ['appconfig:GetHostedConfigurationVersion', 'appconfig:ListHostedConfigurationVersions'],
  },
  store: { inEnvironment: [], inProfiles: ['appconfig:CreateHostedConfigurationVersion', 'appconfig:ListHostedConfigurationVersions'] },
  stop: { inEnvironment: ['appconfig:ListDeployments', 'appconfig:StopDeployment'], inProfiles: [] },
};

/** How many times a rollout asks how far its deployment is, at most: an execution takes 25,000 events, a question about ten. */
const QUESTIONS = 1_000;

/** What the rollout's functions have in common: the database and AppConfig. */
export class RolloutSteps extends Construct {
  readonly #props: RolloutStepsProps;

  constructor(scope: Construct, id: string, props: RolloutStepsProps) {
    super(scope, id);
    this.#props = props;
  }

  /** A function of the rollout: `check-gates` for `lambdas/rollout/check-gates.lambda.ts`. */
  make(id: string, entry: string, ...access: readonly Access[]): LambdaStep {
    const { database } = this.#props;
    const step = new LambdaStep(this, id, { entry: `rollout/${entry}`, environment: this.#environment(), timeout: Duration.minutes(2) });
    database.grantDataApi(step);
    for (const kind of access) this.#grant(step, ACTIONS[kind]);
    return step;
  }

  #environment(): RolloutEnv {
    const { database, flags, target, alarms, topics } = this.#props;
    const { rollout } = EnvironmentStack.of(this).environmentConfig;
    const seconds = (rollout.deploymentMinutes + rollout.bakeMinutes) * 60;
    return {
      ...database.environment,
      APPLICATION_ID: flags.application.applicationId,
      ENVIRONMENT_ID: target.environment.environmentId,
      FLAGS_PROFILE_ID: flags.flags.configurationProfileId,
      NOTICES_PROFILE_ID: flags.notices.configurationProfileId,
      POLL_SECONDS: String(Math.min(900, Math.max(2, Math.ceil(seconds / QUESTIONS)))),
      THRESHOLDS: JSON.stringify(rollout.thresholds),
      ALARM_NAMES: EnvironmentStack.of(this).toJsonString(alarms.all.map(({ alarmName }) => alarmName)),
      HOTLINE_TOPIC_ARN: topics.hotline.topicArn,
    };
  }

  #grant(step: LambdaStep, { inEnvironment, inProfiles }: (typeof ACTIONS)[Access]): void {
    const { flags, target } = this.#props;
    const stack = EnvironmentStack.of(this);
    const arn = (resourceName: string) =>
      stack.formatArn({ service: 'appconfig', resource: 'application', resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
    const { applicationId } = flags.application;
    const environment = `${applicationId}/environment/${target.environment.environmentId}`;
    const profiles = [flags.flags, flags.notices].map(
      ({ configurationProfileId }) => `${applicationId}/configurationprofile/${configurationProfileId}`,
    );
    const allow = (actions: readonly string[], resources: readonly string[]) =>
      actions.length > 0 &&
      step.addToRolePolicy(new iam.PolicyStatement({ actions: [...actions], resources: [applicationId, ...resources].map(arn) }));
    allow(inEnvironment, [environment, `${environment}/deployment/*`]);
    allow(
      inProfiles,
      profiles.flatMap((profile) => [profile, `${profile}/hostedconfigurationversion/*`]),
    );
  }
}
