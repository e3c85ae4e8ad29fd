import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { expect, it } from 'vitest';
import { type Environment, EnvironmentSchema } from '../../config/environment.ts';
import { readEnvironment } from '../../config/index.ts';
import { EnvironmentStack } from '../../lib/environment-stack.ts';
import { MigrationSettings } from '../../lib/migration/migration-settings.ts';

function synthesize(environment: Environment = readEnvironment('dev')) {
  const stack = new EnvironmentStack(new App(), 'Migration', { environment, env: { region: environment.region } });
  const settings = new MigrationSettings(stack, 'Settings');
  settings.grantRead(
    new LambdaFunction(stack, 'Reader', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('-'),
      environment: settings.environmentVariables,
    }),
  );
  return Template.fromStack(stack);
}

const withMigration = (migration: object) => {
  const dev = readEnvironment('dev');
  return EnvironmentSchema.safeParse({ ...dev, migration: { ...dev.migration, ...migration } });
};

it('declares one hosted profile, checked by the schema, with the settings of the environment as first version', () => {
  const template = synthesize();
  template.hasResourceProperties('AWS::AppConfig::Application', { Name: 'videopick-dev' });
  template.hasResourceProperties('AWS::AppConfig::Environment', { Name: 'dev' });
  template.hasResourceProperties('AWS::AppConfig::ConfigurationProfile', {
    Name: 'migration-settings',
    Type: 'AWS.Freeform',
    LocationUri: 'hosted',
    Validators: [
      { Type: 'JSON_SCHEMA', Content: Match.serializedJson(Match.objectLike({ $schema: 'http://json-schema.org/draft-04/schema#' })) },
    ],
  });
  template.hasResourceProperties('AWS::AppConfig::HostedConfigurationVersion', {
    Content: JSON.stringify(readEnvironment('dev').migration.settings),
    ContentType: 'application/json',
  });
  template.hasResourceProperties('AWS::AppConfig::DeploymentStrategy', {
    DeploymentDurationInMinutes: 0,
    FinalBakeTimeInMinutes: 0,
    GrowthFactor: 100,
  });
  template.resourceCountIs('AWS::AppConfig::Deployment', 1);
});

it('lets a reader read exactly this configuration, through the agent', () => {
  const template = synthesize();
  template.hasResourceProperties('AWS::Lambda::Function', {
    Layers: ['arn:aws:lambda:ap-northeast-2:826293736237:layer:AWS-AppConfig-Extension-Arm64:177'],
    Environment: { Variables: { SETTINGS_PATH: '/applications/videopick-dev/environments/dev/configurations/migration-settings' } },
  });
  const [policy, ...others] = Object.values(template.findResources('AWS::IAM::Policy'));
  expect(others).toEqual([]);
  const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
  expect(statement).toMatchObject({ Effect: 'Allow', Action: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'] });
  const resource = JSON.stringify(statement.Resource);
  expect(resource).toMatch(/application\/.*\/environment\/.*\/configuration\//);
  expect(resource).not.toContain('*');
});

it('refuses a region whose agent is not known', () => {
  expect(() => synthesize({ ...readEnvironment('dev'), region: 'eu-west-9' })).toThrow(
    /no AppConfig agent is known for the region "eu-west-9"; known: ap-northeast-2/,
  );
});

it('refuses settings of an environment that the steps could not parse, naming the field', () => {
  expect(withMigration({ settings: { dailyLimit: 0 } }).error?.issues).toMatchObject([{ path: ['migration', 'settings', 'dailyLimit'] }]);
  expect(withMigration({ settings: { colour: 'red' } }).error?.message).toContain('colour');
  expect(withMigration({ settings: undefined }).error?.issues).toMatchObject([{ path: ['migration', 'settings'] }]);
});

it('keeps the settings as written, so that a new default deploys nothing', () => {
  expect(withMigration({ settings: {} }).data?.migration.settings).toEqual({});
});
