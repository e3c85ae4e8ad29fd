import { MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { SFNClient } from '@aws-sdk/client-sfn';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { executionStatus } from '../execution-status.ts';
import { step } from '../step.ts';
import { InspectUploadInput, inspectUpload } from './inspect-upload.ts';
import { probeWith } from './source.ts';

const dependencies = {
  db: DataApi.connect(parseConfig(DatabaseConfig, process.env)),
  isRunning: executionStatus(new SFNClient()),
  probe: probeWith(new MediaConvertClient()),
};

export const handler = step(InspectUploadInput, (input) => inspectUpload(input, dependencies));
