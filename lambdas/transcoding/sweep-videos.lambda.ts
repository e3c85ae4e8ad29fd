import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ConfigurationReader } from '../app-config/read-configuration.ts';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { TranscodingConfig } from './config.ts';
import { deletePrefixWith } from './delete-prefix.ts';
import { executionEnd } from './execution-end.ts';
import { readSettings } from './read-settings.ts';
import { TranscodingSettings } from './settings.ts';
import { SweepVideosInput, sweepVideos } from './sweep-videos.ts';

const config = parseConfig(TranscodingConfig, process.env);
const settings = ConfigurationReader.connect(config.SETTINGS_PATH, TranscodingSettings);
const dependencies = {
  db: DataApi.connect(config),
  executionEnd: executionEnd(new SFNClient()),
  deletePrefix: deletePrefixWith(new S3Client()),
};

export const handler = step(SweepVideosInput, async (_input, context) =>
  sweepVideos({ ...dependencies, settings: await readSettings(settings), timeLeftMs: () => context.getRemainingTimeInMillis() }),
);
