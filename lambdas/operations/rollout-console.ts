import { AppConfigClient } from '@aws-sdk/client-appconfig';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { executionStatus } from '../execution-status.ts';
import { HostedProfiles } from '../rollout/hosted-profiles.ts';
import { FLAGS_PROFILE, NOTICES_PROFILE } from '../rollout/profile-paths.ts';
import type { ConsoleConfig } from './config.ts';
import { type RolloutExecutionQuery, readRolloutExecution } from './rollout-execution.ts';
import { readRolloutStatus } from './rollout-read-status.ts';
import { type RolloutStarted, type StartRolloutInput, startRollout } from './rollout-start.ts';
import type { RolloutExecution, RolloutStatus } from './rollout-status.ts';
import { type RolloutStopped, type StopRolloutInput, stopRollout } from './rollout-stop.ts';

/** The rollout as the console reads and operates it. */
export interface RolloutConsole {
  readonly readStatus: () => Promise<RolloutStatus>;
  readonly readExecution: (query: RolloutExecutionQuery) => Promise<RolloutExecution>;
  readonly start: (input: StartRolloutInput) => Promise<RolloutStarted>;
  readonly stop: (input: StopRolloutInput) => Promise<RolloutStopped>;
}

export function connectRollout(
  config: z.output<typeof ConsoleConfig>,
  { db, sfn, now }: { readonly db: DataApi; readonly sfn: SFNClient; readonly now: () => Date },
): RolloutConsole {
  const appConfig = new AppConfigClient();
  const ids = { applicationId: config.APPLICATION_ID, environmentId: config.ENVIRONMENT_ID };
  const stateMachineArn = config.ROLLOUT_ARN;
  const reading = {
    db,
    appConfig,
    hosted: new HostedProfiles(appConfig, ids),
    ids,
    profiles: {
      flags: { id: config.FLAGS_PROFILE_ID, name: FLAGS_PROFILE },
      notices: { id: config.NOTICES_PROFILE_ID, name: NOTICES_PROFILE },
    },
    thresholds: config.THRESHOLDS,
    now,
  };
  return {
    readStatus: () => readRolloutStatus(reading),
    readExecution: (query) => readRolloutExecution(query, { sfn, stateMachineArn }),
    start: (input) => startRollout(input, { db, sfn, stateMachineArn, isRunning: executionStatus(sfn), now }),
    stop: (input) => stopRollout(input, { db, sfn }),
  };
}
