import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { step } from '../step.ts';
import { FailUploadInput, failUpload } from './fail-upload.ts';

const dependencies = { db: DataApi.connect(parseConfig(DatabaseConfig, process.env)) };

export const handler = step(FailUploadInput, (input) => failUpload(input, dependencies));
