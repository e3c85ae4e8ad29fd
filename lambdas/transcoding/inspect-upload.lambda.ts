import { MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ConfigurationReader } from '../app-config/read-configuration.ts';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { executionStatus } from '../execution-status.ts';
import { connectFlags } from '../rollout/api/flags-in-force.ts';
import { isProcessingOn } from '../rollout/api/gates.ts';
import { logger, step } from '../step.ts';
import { GatedConfig } from './config.ts';
import { ObjectReader } from './inspect/object-reader.ts';
import { InspectUploadInput, inspectUpload } from './inspect-upload.ts';
import { readSettings } from './read-settings.ts';
import { TranscodingSettings } from './settings.ts';
import { probeWith } from './source.ts';
import type { Upload } from './upload.ts';

const config = parseConfig(GatedConfig, process.env);
const settings = ConfigurationReader.connect(config.SETTINGS_PATH, TranscodingSettings);
const flags = connectFlags(config, (problem) => logger.warn('going on with other flags than the deployed ones', { problem }));
const s3 = new S3Client();
const dependencies = {
  db: DataApi.connect(config),
  isRunning: executionStatus(new SFNClient()),
  readSettings: () => readSettings(settings),
  probe: probeWith(new MediaConvertClient()),
  open: ({ bucket, key, sizeBytes }: Upload, etag: string) => new ObjectReader(s3, { bucket, key, etag }, sizeBytes),
};

export const handler = step(InspectUploadInput, async (input) =>
  inspectUpload(input, {
    ...dependencies,
    processingEnabled: isProcessingOn(await flags.value()),
  }),
);
