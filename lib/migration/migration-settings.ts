import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as appconfig from 'aws-cdk-lib/aws-appconfig';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { z } from 'zod';
import { Settings } from '../../lambdas/migration/settings.ts';
import { EnvironmentStack } from '../environment-stack.ts';

/** The AppConfig agent for arm64, by region. Source: AppConfig's list of extension versions, April 2026. */
const AGENT_LAYERS: Readonly<Record<string, string>> = {
  'ap-northeast-2': 'arn:aws:lambda:ap-northeast-2:826293736237:layer:AWS-AppConfig-Extension-Arm64:177',
};

const PROFILE = 'migration-settings';

/** AppConfig's limit on the text of a validator, in characters. */
const MAX_VALIDATOR_LENGTH = 32_768;

/**
 * The settings that an operator changes while the migration runs: AppConfig profile `migration-settings`, checked by the schema the steps
 * parse with. The environment's `migration.settings` are the first version. Later documents are deployed through AppConfig, and a
 * `cdk deploy` leaves them alone: CloudFormation makes a version and a deployment only when `migration.settings` itself has changed, and
 * then that is what is served. Fields left out take the schema's defaults when they are read.
 */
export class MigrationSettings extends Construct {
  /** `videopick-<env>`; other profiles of the environment belong to it too. */
  readonly application: appconfig.Application;
  readonly environment: appconfig.Environment;
  readonly #configuration: appconfig.HostedConfiguration;
  readonly #agentLayer: lambda.ILayerVersion;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const { name, region, migration } = stack.environmentConfig;
    this.application = new appconfig.Application(this, 'Application', { applicationName: `videopick-${name}` });
    this.environment = new appconfig.Environment(this, 'Environment', { application: this.application, environmentName: name });
    this.#configuration = new appconfig.HostedConfiguration(this, 'Configuration', {
      application: this.application,
      name: PROFILE,
      type: appconfig.ConfigurationType.FREEFORM,
      validators: [appconfig.JsonSchemaValidator.fromInline(settingsJsonSchema())],
      content: appconfig.ConfigurationContent.fromInlineJson(JSON.stringify(migration.settings)),
      deployTo: [this.environment],
      // At once: a pause must not wait, and the steps pick it up one by one anyway.
      deploymentStrategy: new appconfig.DeploymentStrategy(this, 'AllAtOnce', {
        deploymentStrategyName: stack.nameOf('all-at-once'),
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
    const { name } = EnvironmentStack.of(this).environmentConfig;
    return { SETTINGS_PATH: `/applications/videopick-${name}/environments/${name}/configurations/${PROFILE}` };
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

/** The schema as AppConfig takes it. What has a default may be left out. @throws when it is longer than AppConfig allows */
function settingsJsonSchema(): string {
  const text = JSON.stringify(z.toJSONSchema(Settings, { target: 'draft-4', io: 'input' }));
  if (text.length <= MAX_VALIDATOR_LENGTH) return text;
  throw new Error(
    `the JSON schema of the migration's settings has ${text.length} characters, and AppConfig takes ${MAX_VALIDATOR_LENGTH}; ` +
      'shorten it (lambdas/migration/settings.ts)',
  );
}

function agentLayerArn(region: string): string {
  const arn = AGENT_LAYERS[region];
  if (arn !== undefined) return arn;
  throw new Error(
    `no AppConfig agent is known for the region "${region}"; known: ${Object.keys(AGENT_LAYERS).join(', ')}. ` +
      'Add the ARN of its AWS-AppConfig-Extension-Arm64 layer (lib/migration/migration-settings.ts)',
  );
}
