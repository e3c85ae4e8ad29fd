import { z } from 'zod';
import { badRequest } from './errors.ts';
import type { Deployment, HostedVersion, Profile } from './model.ts';
import type { Store } from './store.ts';
import { describeDeployment, describeVersion, parseInput } from './wire.ts';

// The operations that a state machine calls as well as a client: members spelled as the API spells them, in and out.

const Id = z.string().min(1);

const StartDeploymentInput = z.strictObject({
  ApplicationId: Id,
  EnvironmentId: Id,
  DeploymentStrategyId: Id,
  ConfigurationProfileId: Id,
  /** A number as text, or a label: the API knows no other type, and Step Functions converts none. */
  ConfigurationVersion: z.string().min(1),
  Description: z.string().max(1024).optional(),
  Tags: z.unknown().optional(),
});

const DeploymentInput = z.strictObject({ ApplicationId: Id, EnvironmentId: Id, DeploymentNumber: z.number().int().min(1) });
const StopDeploymentInput = DeploymentInput.extend({ AllowRevert: z.boolean().default(false) });

const CreateVersionInput = z.strictObject({
  ApplicationId: Id,
  ConfigurationProfileId: Id,
  /** Text is what a state machine gives for a blob. */
  Content: z.union([z.string(), z.instanceof(Buffer)], 'expected the document as text'),
  ContentType: z.string().min(1).max(255),
  Description: z.string().max(1024).optional(),
  LatestVersionNumber: z.number().int().min(0).optional(),
  VersionLabel: z.string().min(1).max(64).optional(),
});

const GetVersionInput = z.strictObject({ ApplicationId: Id, ConfigurationProfileId: Id, VersionNumber: z.number().int().min(1) });

export type DeploymentOutput = ReturnType<typeof describeDeployment>;
/** What CreateHostedConfigurationVersion and GetHostedConfigurationVersion answer; the document is text. */
export type VersionOutput = ReturnType<typeof describeVersion> & { readonly Content: string };

/** @throws {AwsError} BadRequestException, ConflictException, ResourceNotFoundException */
export function startDeployment(store: Store, input: unknown): DeploymentOutput {
  const { ApplicationId: applicationId, EnvironmentId: environmentId, ...rest } = parseInput(StartDeploymentInput, input);
  store.environment(applicationId, environmentId);
  const profile = store.profile(applicationId, rest.ConfigurationProfileId);
  const deployment = store.startDeployment(profile, {
    environmentId,
    profileId: profile.Id,
    strategyId: rest.DeploymentStrategyId,
    version: rest.ConfigurationVersion,
    description: rest.Description,
  });
  return deploymentOutput(store, applicationId, environmentId, deployment);
}

/** @throws {AwsError} ResourceNotFoundException */
export function getDeployment(store: Store, input: unknown): DeploymentOutput {
  const { ApplicationId: applicationId, EnvironmentId: environmentId, DeploymentNumber } = parseInput(DeploymentInput, input);
  store.environment(applicationId, environmentId);
  return deploymentOutput(store, applicationId, environmentId, store.deployment(environmentId, String(DeploymentNumber)));
}

/** @throws {AwsError} BadRequestException when there is nothing to stop or to revert, ResourceNotFoundException */
export function stopDeployment(store: Store, input: unknown): DeploymentOutput {
  const { ApplicationId: applicationId, EnvironmentId: environmentId, ...rest } = parseInput(StopDeploymentInput, input);
  store.environment(applicationId, environmentId);
  const stopped = store.stopDeployment(environmentId, String(rest.DeploymentNumber), rest.AllowRevert);
  return deploymentOutput(store, applicationId, environmentId, stopped);
}

/** @throws {AwsError} BadRequestException, ConflictException when `LatestVersionNumber` is not, PayloadTooLargeException */
export function createHostedConfigurationVersion(store: Store, input: unknown): VersionOutput {
  const { ApplicationId, ConfigurationProfileId, ...rest } = parseInput(CreateVersionInput, input);
  const profile = store.profile(ApplicationId, ConfigurationProfileId);
  const version = store.addVersion(profile, {
    content: Buffer.from(rest.Content),
    contentType: rest.ContentType,
    description: rest.Description,
    label: rest.VersionLabel,
    latestKnown: rest.LatestVersionNumber,
  });
  return versionOutput(profile, version);
}

/** The document as it is stored: of flags with their definitions. @throws {AwsError} ResourceNotFoundException */
export function getHostedConfigurationVersion(store: Store, input: unknown): VersionOutput {
  const { ApplicationId, ConfigurationProfileId, VersionNumber } = parseInput(GetVersionInput, input);
  const profile = store.profile(ApplicationId, ConfigurationProfileId);
  return versionOutput(profile, store.version(profile.Id, String(VersionNumber)));
}

function versionOutput(profile: Profile, version: HostedVersion): VersionOutput {
  return { ...present(describeVersion(profile, version)), Content: Buffer.from(version.contentBase64, 'base64').toString('utf8') };
}

function deploymentOutput(store: Store, applicationId: string, environmentId: string, deployment: Deployment): DeploymentOutput {
  const { profileId, version } = deployment;
  const { label } = store.version(profileId, String(version));
  return present(describeDeployment(deployment, environmentId, store.profile(applicationId, profileId), label, store.now()));
}

/** A member without value is not there, as in JSON: a state machine's path would find it otherwise. */
function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

/** @throws {AwsError} BadRequestException for a path or header that is no number */
export function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text === '' || !Number.isInteger(number)) throw badRequest(`${name} is "${text}"; expected a whole number`);
  return number;
}
