import { randomUUID } from 'node:crypto';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { MigrationConfig } from './config.ts';
import { CopyEntityInput, copyEntity } from './copy-entity.ts';
import { Settings } from './settings.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);

export const handler = step(CopyEntityInput, (input, context) =>
  copyEntity(input, {
    db,
    settings: Settings.parse({ dailyLimit: config.DAILY_LIMIT, batchRows: config.BATCH_ROWS }),
    timeLeftMs: () => context.getRemainingTimeInMillis(),
    now: () => new Date(),
    newBatchKey: randomUUID,
  }),
);
