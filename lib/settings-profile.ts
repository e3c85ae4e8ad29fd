import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as appconfig from 'aws-cdk-lib/aws-appconfig';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { z } from 'zod';
import { EnvironmentStack } from './environment-stack.ts';

/** The AppConfig agent for arm64, by region. Source: AppConfig's list of extension versions, April 2026. */
const AGENT_LAYERS: Readonly<Record<string, string>> = {
  'ap-northeast-2': 'arn:aws:lambda:ap-northeast-2:826293736237:layer:AWS-AppConfig-Extension-Arm64:177',
};

/** AppConfig's limit on the text of a validator, in characters. */
const MAX_VALIDATOR_LENGTH = 32_768;

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
  readonly #agentLayer: lambda.ILayerVersion;

  constructor(scope: Construct, id: string, { name, applicationName, strategyName, schema, initial }: SettingsProfileProps) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const { name: environmentName, region } = stack.environmentConfig;
    this.#path = `/applications/${applicationName}/environments/${environmentName}/configurations/${name}`;
    this.application = new appconfig.Application(this, 'Application', { applicationName });
    this.environment = new appconfig.Environment(this, 'Environment', { application: this.application, environmentName });
    this.#configuration = new appconfig.HostedConfiguration(this, 'Configuration', {
      application: this.application,
      name,
      type: appconfig.ConfigurationType.FREEFORM,
      validators: [appconfig.JsonSchemaValidator.fromInline(jsonSchemaOf(name, schema))],
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
    this.#agentLayer = lambda.LayerVersion.fromLayerVersionArn(this, 'Agent', agentLayerArn(region));
  }

  /** What a function needs to find the settings. By name, so that messages can be read. */
  get environmentVariables(): { readonly SETTINGS_PATH: string } {
    return { SETTINGS_PATH: this.#path };
  }

  /** Lets a function read the settings, and puts the agent that reads them beside it. */
  grantRead(reader: lambda.Function): void {
    reader.addLayers(this.#agentLayer);
    reader.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
        resources: [
          Stack.of(this).formatArn({
            service: 'appconfig',
            resource: 'application',
            resourceName: `${this.application.applicationId}/environment/${this.environment.environmentId}/configuration/${this.#configuration.configurationProfileId}`,
            arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
          }),
        ],
      }),
    );
  }
}

/** The schema as AppConfig takes it. @throws when it is longer than AppConfig allows */
function jsonSchemaOf(name: string, schema: z.ZodType): string {
  const text = JSON.stringify(z.toJSONSchema(schema, { target: 'draft-4', io: 'input' }));
  if (text.length <= MAX_VALIDATOR_LENGTH) return text;
  throw new Error(`the JSON schema of ${name} has ${text.length} characters, and AppConfig takes ${MAX_VALIDATOR_LENGTH}; shorten it`);
}

function agentLayerArn(region: string): string {
  const arn = AGENT_LAYERS[region];
  if (arn !== undefined) return arn;
  throw new Error(
    `no AppConfig agent is known for the region "${region}"; known: ${Object.keys(AGENT_LAYERS).join(', ')}. ` +
      'Add the ARN of its AWS-AppConfig-Extension-Arm64 layer (lib/settings-profile.ts)',
  );
}
