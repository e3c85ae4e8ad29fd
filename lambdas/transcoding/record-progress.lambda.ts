import { SFNClient } from '@aws-sdk/client-sfn';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { executionStatus } from '../execution-status.ts';
import { step } from '../step.ts';
import { JobEvent, recordProgress } from './record-progress.ts';

const dependencies = { db: DataApi.connect(parseConfig(DatabaseConfig, process.env)), isRunning: executionStatus(new SFNClient()) };

export const handler = step(JobEvent, (event) => recordProgress(event, dependencies));
