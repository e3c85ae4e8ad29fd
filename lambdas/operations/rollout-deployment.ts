import { type AppConfigClient, ListDeploymentsCommand } from '@aws-sdk/client-appconfig';
import type { DeploymentStatus } from './rollout-status.ts';

const UNDER_WAY: readonly (string | undefined)[] = ['VALIDATING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK'];
/** An environment takes one deployment at a time, so the one under way is the newest; a few more cost nothing. */
const LATEST = 5;

/** The deployment that keeps the environment busy; null when it is free. */
export async function readDeployment(
  appConfig: Pick<AppConfigClient, 'send'>,
  { applicationId, environmentId }: { readonly applicationId: string; readonly environmentId: string },
): Promise<DeploymentStatus | null> {
  const { Items = [] } = await appConfig.send(
    new ListDeploymentsCommand({ ApplicationId: applicationId, EnvironmentId: environmentId, MaxResults: LATEST }),
  );
  const found = Items.find(({ State }) => UNDER_WAY.includes(State));
  if (found === undefined) return null;
  return {
    number: found.DeploymentNumber ?? 0,
    profile: found.ConfigurationName ?? '',
    state: found.State ?? '',
    percentComplete: found.PercentageComplete ?? 0,
    deploymentMinutes: found.DeploymentDurationInMinutes ?? 0,
    bakeMinutes: found.FinalBakeTimeInMinutes ?? 0,
    startedAt: found.StartedAt?.toISOString() ?? null,
  };
}
