import { z } from 'zod';
import type { Resource } from '../assembly/template.ts';
import { UserError } from '../errors.ts';
import { compileJsonSchema } from './json-schema.ts';
import type { Application, Declared, DeclaredDeployment, DeclaredVersion, Environment, Profile, Strategy } from './model.ts';
import { StrategyProperties } from './strategy-properties.ts';

const text = z.string().min(1);
/** Matters in the cloud alone. */
const shared = { Description: z.string().optional(), Tags: z.unknown().optional(), DeletionProtectionCheck: z.unknown().optional() };

const PROPERTIES = {
  'AWS::AppConfig::Application': z.strictObject({ ...shared, Name: text.max(64) }),
  'AWS::AppConfig::Environment': z.strictObject({
    ...shared,
    ApplicationId: text,
    Name: text.max(64),
    Monitors: z
      .array(z.strictObject({ AlarmArn: text.max(2048), AlarmRoleArn: text.optional() }))
      .max(5)
      .default([]),
  }),
  'AWS::AppConfig::ConfigurationProfile': z.strictObject({
    ...shared,
    ApplicationId: text,
    Name: text.max(64),
    LocationUri: z.literal('hosted'),
    Type: z.enum(['AWS.Freeform', 'AWS.AppConfig.FeatureFlags']).default('AWS.Freeform'),
    Validators: z
      .array(z.strictObject({ Type: z.literal('JSON_SCHEMA'), Content: z.string().max(32_768) }))
      .max(2)
      .default([]),
  }),
  'AWS::AppConfig::DeploymentStrategy': StrategyProperties,
  'AWS::AppConfig::HostedConfigurationVersion': z.strictObject({
    ApplicationId: text,
    ConfigurationProfileId: text,
    Content: z.string(),
    ContentType: text,
    Description: z.string().optional(),
    VersionLabel: text.optional(),
  }),
  'AWS::AppConfig::Deployment': z.strictObject({
    ApplicationId: text,
    EnvironmentId: text,
    ConfigurationProfileId: text,
    ConfigurationVersion: z.coerce.string(),
    DeploymentStrategyId: text,
    Description: z.string().optional(),
    Tags: z.unknown().optional(),
  }),
};

type Type = keyof typeof PROPERTIES;

/** Reads the template's `AWS::AppConfig::*` resources. @throws {UserError} naming what has no stand-in: functions as validators, extensions… */
export function readDeclared(resources: readonly Resource[]): Declared {
  assertAlarms(resources);
  const of = <T extends Type>(type: T) =>
    resources.filter((resource) => resource.type === type).map((resource) => ({ id: resource.ref, properties: parse(type, resource) }));
  return {
    applications: of('AWS::AppConfig::Application').map(
      ({ id, properties: { Name, Description } }): Application => ({ Id: id, Name, Description }),
    ),
    environments: of('AWS::AppConfig::Environment').map(
      ({ id, properties: { ApplicationId, Name, Description, Monitors } }): Environment => ({
        ApplicationId,
        Id: id,
        Name,
        Description,
        Monitors,
      }),
    ),
    profiles: of('AWS::AppConfig::ConfigurationProfile').map(({ id, properties: { Tags: _, DeletionProtectionCheck: __, ...profile } }) =>
      checked({ ...profile, Id: id }),
    ),
    strategies: of('AWS::AppConfig::DeploymentStrategy').map(
      ({ id, properties: { Tags: _, ...strategy } }): Strategy => ({ ...strategy, Id: id }),
    ),
    versions: of('AWS::AppConfig::HostedConfigurationVersion').map(
      ({ id, properties }): DeclaredVersion => ({
        path: id,
        profileId: properties.ConfigurationProfileId,
        content: properties.Content,
        contentType: properties.ContentType,
        description: properties.Description,
        label: properties.VersionLabel,
      }),
    ),
    deployments: of('AWS::AppConfig::Deployment').map(
      ({ id, properties }): DeclaredDeployment => ({
        path: id,
        environmentId: properties.EnvironmentId,
        profileId: properties.ConfigurationProfileId,
        strategyId: properties.DeploymentStrategyId,
        version: properties.ConfigurationVersion,
        description: properties.Description,
      }),
    ),
  };
}

/** An alarm that is not there would never roll anything back. */
function assertAlarms(resources: readonly Resource[]): void {
  const known = resources.filter(({ type }) => type.startsWith('AWS::CloudWatch::')).map(({ attributes }) => attributes.Arn);
  for (const environment of resources.filter(({ type }) => type === 'AWS::AppConfig::Environment')) {
    for (const { AlarmArn } of parse('AWS::AppConfig::Environment', environment).Monitors) {
      if (known.includes(AlarmArn)) continue;
      const { stack, logicalId } = environment;
      throw new UserError(`AppConfig's environment ${stack}/${logicalId} watches the alarm ${AlarmArn}, which no template declares`);
    }
  }
}

function parse<T extends Type>(type: T, { stack, logicalId, properties }: Resource): z.output<(typeof PROPERTIES)[T]> {
  const parsed = PROPERTIES[type].safeParse(properties);
  if (parsed.success) return parsed.data as z.output<(typeof PROPERTIES)[T]>;
  const faults = parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new UserError(`the stand-in for AppConfig cannot take ${stack}/${logicalId} (${type}): ${faults.join('; ')} (docs/parity.md)`);
}

/** A schema that could not be checked is found at the start, not at a deployment. */
function checked(profile: Profile): Profile {
  for (const { Content } of profile.Validators) {
    try {
      compileJsonSchema(JSON.parse(Content));
    } catch (cause) {
      throw new UserError(`the JSON schema of AppConfig's profile "${profile.Name}" cannot be used: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
  return profile;
}
