import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ConfigurationReader } from '../app-config/read-configuration.ts';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { executionState } from '../execution-status.ts';
import { connectFlags } from '../rollout/api/flags-in-force.ts';
import { isProcessingOn } from '../rollout/api/gates.ts';
import { logger, step } from '../step.ts';
import { GatedConfig } from './config.ts';
import { deletePrefixWith } from './delete-prefix.ts';
import { readSettings } from './read-settings.ts';
import { restartExecution } from './restart-execution.ts';
import { TranscodingSettings } from './settings.ts';
import { SweepVideosInput, sweepVideos } from './sweep-videos.ts';

const config = parseConfig(GatedConfig, process.env);
const settings = ConfigurationReader.connect(config.SETTINGS_PATH, TranscodingSettings);
const flags = connectFlags(config, (problem) => logger.warn('going on with other flags than the deployed ones', { problem }));
const sfn = new SFNClient();
const dependencies = {
  db: DataApi.connect(config),
  executionState: executionState(sfn),
  restart: restartExecution(sfn),
  deletePrefix: deletePrefixWith(new S3Client()),
};

export const handler = step(SweepVideosInput, async (_input, context) =>
  sweepVideos({
    ...dependencies,
    settings: await readSettings(settings),
    processingEnabled: isProcessingOn(await flags.value()),
    timeLeftMs: () => context.getRemainingTimeInMillis(),
  }),
);
