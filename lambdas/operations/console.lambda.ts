import { readFile } from 'node:fs/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { logger } from '../step.ts';
import { ConsoleConfig } from './config.ts';
import { answer } from './console.ts';
import { controlRuns } from './control-runs.ts';
import { readQuarantine } from './read-quarantine.ts';
import { readReport } from './read-report.ts';
import { readStatus } from './read-status.ts';
import { readVideo } from './read-video.ts';
import { retryRows } from './retry-rows.ts';
import { connectRollout } from './rollout-console.ts';
import { startRepair } from './start-repair.ts';

const config = parseConfig(ConsoleConfig, process.env);
const db = DataApi.connect(config);
const s3 = new S3Client();
const sfn = new SFNClient();
const rollout = connectRollout(config, { db, sfn, now: () => new Date() });
/** Beside the bundle: lib/delivery puts it there. */
const page = new URL('./page/', import.meta.url);

export const handler = (event: LambdaFunctionURLEvent) =>
  answer(event, {
    uploadOrigin: config.UPLOAD_ORIGIN,
    readStatus: () => readStatus(db),
    readVideo: (query) => readVideo(db, query),
    readQuarantine: (query) => readQuarantine(db, query),
    retryRows: (input) => retryRows(db, input),
    control: (input) => controlRuns(db, input),
    startRepair: () => startRepair({ db, sfn, stateMachineArn: config.DAILY_MIGRATION_ARN, now: () => new Date() }),
    readReport: (query) => readReport({ db, s3, reportBucket: config.REPORT_BUCKET }, query),
    rollout,
    readPage: (file) => readFile(new URL(file, page), 'utf8'),
    onCommand: (name, facts) => logger.info('a command was carried out', { command: name, ...facts }),
    onError: (error) => logger.error('the console could not answer', error as Error),
  });
