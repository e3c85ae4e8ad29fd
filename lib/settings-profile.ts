import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as appconfig from 'aws-cdk-lib/aws-appconfig';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { z } from 'zod';
import { readConfigurations } from './app-config-agent.ts';
import { EnvironmentStack } from './environment-stack.ts';
import { jsonSchemaValidator } from './json-schema-validator.ts';

export interface SettingsProfileProps {
  /** Such as `migration-settings`. */
  readonly name: string;
  /** AppConfig's application. An environment takes one deployment at a time: profiles that must not wait for each other have one each. */
  readonly applicationName: string;
  /** Tells this profile's deployment strategy from those of the others. */
  readonly strategyName: string;
  /** What the steps parse with, and AppConfig checks by. What has a default may be left out of a document. */
  readonly schema: z.ZodType;
  /** The first version. */
  readonly initial: unknown;
}

/**
 * Settings that an operator changes while the application runs: an AppConfig profile, checked by the schema the steps parse with. Later
 * documents are deployed through AppConfig, and a `cdk deploy` leaves them alone: CloudFormation makes a version and a deployment only when the
 * first version itself has changed, and then that is what is served. Fields left out take the schema's defaults when they are read.
 */
export class SettingsProfile extends Construct {
  readonly application: appconfig.Application;
  readonly environment: appconfig.Environment;
  readonly #path: string;
  readonly #configuration: appconfig.HostedConfiguration;

  constructor(scope: Construct, id: string, { name, applicationName, strategyName, schema, initial }: SettingsProfileProps) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const { name: environmentName } = stack.environmentConfig;
    this.#path = `/applications/${applicationName}/environments/${environmentName}/configurations/${name}`;
    this.application = new appconfig.Application(this, 'Application', { applicationName });
    this.environment = new appconfig.Environment(this, 'Environment', { application: this.application, environmentName });
    this.#configuration = new appconfig.HostedConfiguration(this, 'Configuration', {
      application: this.application,
      name,
      type: appconfig.ConfigurationType.FREEFORM,
      validators: [jsonSchemaValidator(name, schema)],
      content: appconfig.ConfigurationContent.fromInlineJson(JSON.stringify(initial)),
      deployTo: [this.environment],
      // At once: a pause must not wait, and the steps pick it up one by one anyway.
      deploymentStrategy: new appconfig.DeploymentStrategy(this, 'AllAtOnce', {
        deploymentStrategyName: stack.nameOf(strategyName),
        rolloutStrategy: appconfig.RolloutStrategy.linear({
          growthFactor: 100,
          deploymentDuration: Duration.minutes(0),
          finalBakeTime: Duration.minutes(0),
        }),
      }),
    });
  }

  /** What a function needs to find the settings. By name, so that messages can be read. */
  get environmentVariables(): { readonly SETTINGS_PATH: string } {
    return { SETTINGS_PATH: this.#path };
  }

  /** Lets a function read the settings, and puts the agent that reads them beside it. */
  grantRead(reader: lambda.Function): void {
    readConfigurations(reader, [
      Stack.of(this).formatArn({
        service: 'appconfig',
        resource: 'application',
        resourceName: `${this.application.applicationId}/environment/${this.environment.environmentId}/configuration/${this.#configuration.configurationProfileId}`,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    ]);
  }
}
