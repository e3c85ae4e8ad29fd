import { ArnFormat } from 'aws-cdk-lib';
import * as appconfig from 'aws-cdk-lib/aws-appconfig';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { flagsDocument, INITIAL_STATES } from '../../lambdas/rollout/flags-document.ts';
import { NoticesDocument } from '../../lambdas/rollout/notices.ts';
import { FLAGS_PROFILE, NOTICES_PROFILE, profilePath, rolloutApplication } from '../../lambdas/rollout/profile-paths.ts';
import { readConfigurations } from '../app-config-agent.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { jsonSchemaValidator } from '../json-schema-validator.ts';

/** What a function needs to find the flags, and the notices. */
export interface FlagsEnv extends Record<string, string> {
  readonly FLAGS_PATH: string;
  readonly NOTICES_PATH: string;
}

/**
 * Flags and notices, with their first versions: all phases closed, no notice. A stack of its own, before all that read them: the environment
 * they are deployed to is watched by alarms of those readers, and comes after (RolloutStack).
 */
export class FlagsStack extends EnvironmentStack {
  readonly application: appconfig.Application;
  readonly flags: appconfig.HostedConfiguration;
  readonly notices: appconfig.HostedConfiguration;

  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    super(scope, id, props);
    this.application = new appconfig.Application(this, 'Application', { applicationName: rolloutApplication(props.environment.name) });
    // Never used: without one CDK makes one. What deploys is in RolloutEnvironment.
    const deploymentStrategy = appconfig.DeploymentStrategy.fromDeploymentStrategyId(
      this,
      'AllAtOnce',
      appconfig.DeploymentStrategyId.ALL_AT_ONCE,
    );
    this.flags = new appconfig.HostedConfiguration(this, 'FeatureFlags', {
      application: this.application,
      name: FLAGS_PROFILE,
      type: appconfig.ConfigurationType.FEATURE_FLAGS,
      deploymentStrategy,
      content: appconfig.ConfigurationContent.fromInlineJson(JSON.stringify(flagsDocument(INITIAL_STATES))),
    });
    this.notices = new appconfig.HostedConfiguration(this, 'Notices', {
      application: this.application,
      name: NOTICES_PROFILE,
      type: appconfig.ConfigurationType.FREEFORM,
      deploymentStrategy,
      validators: [jsonSchemaValidator(NOTICES_PROFILE, NoticesDocument)],
      content: appconfig.ConfigurationContent.fromInlineJson(JSON.stringify({} satisfies NoticesDocument)),
    });
  }

  /** By name, so that messages can be read. */
  get environmentVariables(): FlagsEnv {
    const { name } = this.environmentConfig;
    return { FLAGS_PATH: profilePath(name, FLAGS_PROFILE), NOTICES_PATH: profilePath(name, NOTICES_PROFILE) };
  }

  /** Lets a function read the flags, and puts the agent that reads them beside it. */
  grantReadFlags(reader: lambda.Function): void {
    readConfigurations(reader, [this.#configurationArn(this.flags)]);
  }

  grantReadNotices(reader: lambda.Function): void {
    readConfigurations(reader, [this.#configurationArn(this.notices)]);
  }

  /** In any environment of the application, which has one: naming it would turn the order of the stacks round. */
  #configurationArn({ configurationProfileId }: appconfig.HostedConfiguration): string {
    return this.formatArn({
      service: 'appconfig',
      resource: 'application',
      resourceName: `${this.application.applicationId}/environment/*/configuration/${configurationProfileId}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
