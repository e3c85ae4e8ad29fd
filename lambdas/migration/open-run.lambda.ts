import { SFNClient } from '@aws-sdk/client-sfn';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { executionStatus } from '../execution-status.ts';
import { step } from '../step.ts';
import { MigrationConfig } from './config.ts';
import { OpenRunInput, openRun } from './open-run.ts';
import { Settings } from './settings.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);
const isRunning = executionStatus(new SFNClient());

export const handler = step(OpenRunInput, (input) =>
  openRun(input, {
    db,
    isRunning,
    settings: Settings.parse({ dailyLimit: config.DAILY_LIMIT, batchRows: config.BATCH_ROWS }),
    now: () => new Date(),
  }),
);
