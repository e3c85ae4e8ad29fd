import { CreateHostedConfigurationVersionCommand, type Deployment, StartDeploymentCommand } from '@aws-sdk/client-appconfig';
import { APPLICATION, AT_ONCE, ENVIRONMENT, type LocalAppConfig, PROFILE, SETTINGS_PATH } from './local-appconfig.ts';

/** Stores a document and answers its version. */
export async function create({ control }: LocalAppConfig, document: unknown, latest?: number): Promise<number> {
  const created = await control.send(
    new CreateHostedConfigurationVersionCommand({
      ApplicationId: APPLICATION,
      ConfigurationProfileId: PROFILE,
      ContentType: 'application/json',
      Content: Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)),
      ...(latest === undefined ? {} : { LatestVersionNumber: latest }),
    }),
  );
  return created.VersionNumber ?? 0;
}

export function start({ control }: LocalAppConfig, version: number | string, strategy = AT_ONCE): Promise<Deployment> {
  return control.send(
    new StartDeploymentCommand({
      ApplicationId: APPLICATION,
      EnvironmentId: ENVIRONMENT,
      ConfigurationProfileId: PROFILE,
      ConfigurationVersion: String(version),
      DeploymentStrategyId: strategy,
    }),
  );
}

/** Stores a document and deploys it. */
export async function deploy(local: LocalAppConfig, document: unknown, strategy?: string): Promise<Deployment> {
  return start(local, await create(local, document), strategy);
}

/** What the agent serves. */
export async function served({ agentUrl }: LocalAppConfig, path = SETTINGS_PATH): Promise<unknown> {
  const response = await fetch(`${agentUrl}${path}`);
  return response.ok ? await response.json() : { status: response.status, text: await response.text() };
}
