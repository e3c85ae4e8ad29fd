import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { SFNClient } from '@aws-sdk/client-sfn';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { executionStatus } from '../execution-status.ts';
import { RolloutConfig } from './config.ts';
import { HostedProfiles, type Profile } from './hosted-profiles.ts';
import { FLAGS_PROFILE, NOTICES_PROFILE } from './profile-paths.ts';

export type ProfileName = 'flags' | 'notices';

/** What every function of the rollout works with, from its environment. */
export function wire(environment: Readonly<Record<string, string | undefined>>) {
  const config = parseConfig(RolloutConfig, environment);
  const profiles: Readonly<Record<ProfileName, Profile>> = {
    flags: { id: config.FLAGS_PROFILE_ID, name: FLAGS_PROFILE },
    notices: { id: config.NOTICES_PROFILE_ID, name: NOTICES_PROFILE },
  };
  return {
    config,
    db: DataApi.connect(config),
    hosted: new HostedProfiles(new AppConfigClient(), { applicationId: config.APPLICATION_ID, environmentId: config.ENVIRONMENT_ID }),
    profiles,
    isRunning: executionStatus(new SFNClient()),
    now: () => new Date(),
  };
}
