import { S3Client } from '@aws-sdk/client-s3';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { CloseRunInput, closeRun } from './close-run.ts';
import { MigrationConfig } from './config.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);
const s3 = new S3Client();

export const handler = step(CloseRunInput, (input) => closeRun(input, { db, s3, reportBucket: config.REPORT_BUCKET }));
