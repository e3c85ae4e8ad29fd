import { z } from 'zod';
import type { ServiceRequest } from '../gateway/service.ts';
import { deploymentProgress } from './deployment-progress.ts';
import { badRequest } from './errors.ts';
import type { Deployment, HostedVersion, Profile, Strategy } from './model.ts';

// How the control plane answers; source: its API model.

export function describeProfileSummary({ ApplicationId, Id, Name, LocationUri, Type, Validators }: Profile) {
  return { ApplicationId, Id, Name, LocationUri, Type, ValidatorTypes: [...new Set(Validators.map((validator) => validator.Type))] };
}

export function describeVersion(profile: Profile, { number, description, contentType, label }: HostedVersion) {
  return {
    ApplicationId: profile.ApplicationId,
    ConfigurationProfileId: profile.Id,
    VersionNumber: number,
    Description: description,
    ContentType: contentType,
    VersionLabel: label,
  };
}

/** The headers of a version whose document is the body. */
export function versionHeaders(profile: Profile, { number, description, contentType, label }: HostedVersion): Record<string, string> {
  return {
    'content-type': contentType,
    'Application-Id': profile.ApplicationId,
    'Configuration-Profile-Id': profile.Id,
    'Version-Number': String(number),
    ...(description === undefined ? {} : { Description: description }),
    ...(label === undefined ? {} : { VersionLabel: label }),
  };
}

export function describeDeploymentSummary(deployment: Deployment, profile: Profile, label: string | undefined, nowMs: number) {
  const { state, percentage, completedAtMs } = deploymentProgress(deployment, nowMs);
  return {
    DeploymentNumber: deployment.number,
    ConfigurationName: profile.Name,
    ConfigurationProfileId: profile.Id,
    ConfigurationVersion: String(deployment.version),
    ...growth(deployment.strategy),
    State: state,
    PercentageComplete: percentage,
    StartedAt: new Date(deployment.startedAtMs).toISOString(),
    CompletedAt: completedAtMs === undefined ? undefined : new Date(completedAtMs).toISOString(),
    VersionLabel: label,
  };
}

export function describeDeployment(
  deployment: Deployment,
  environmentId: string,
  profile: Profile,
  label: string | undefined,
  nowMs: number,
) {
  return {
    ...describeDeploymentSummary(deployment, profile, label, nowMs),
    ApplicationId: profile.ApplicationId,
    EnvironmentId: environmentId,
    DeploymentStrategyId: deployment.strategy.Id,
    ConfigurationLocationUri: profile.LocationUri,
    Description: deployment.description,
    EventLog: deploymentProgress(deployment, nowMs).events,
    AppliedExtensions: [],
  };
}

function growth({ DeploymentDurationInMinutes, GrowthType, GrowthFactor, FinalBakeTimeInMinutes }: Strategy) {
  return { DeploymentDurationInMinutes, GrowthType, GrowthFactor, FinalBakeTimeInMinutes };
}

/** @throws {AwsError} BadRequestException naming every member that does not fit, also those without stand-in */
export function readBody<Schema extends z.ZodType>(schema: Schema, { body }: ServiceRequest): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw badRequest(`the request body is not JSON: ${(cause as Error).message}`);
  }
  return parseInput(schema, value);
}

/** @throws {AwsError} as `readBody` */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badRequest(
    parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; '),
  );
}

const PageQuery = z.strictObject({
  max_results: z.coerce.number().int().min(1).max(50).default(50),
  next_token: z.coerce.number().int().min(0).default(0),
});

/** One page of a list. A token is the number of items before it. */
export function page<T>(items: readonly T[], query: URLSearchParams): { Items: readonly T[]; NextToken?: string } {
  const parsed = PageQuery.safeParse(Object.fromEntries(query));
  if (!parsed.success) throw badRequest(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { max_results: size, next_token: start } = parsed.data;
  const end = start + size;
  return { Items: items.slice(start, end), ...(end < items.length ? { NextToken: String(end) } : {}) };
}
