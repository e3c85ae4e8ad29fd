import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { MigrationConfig } from './config.ts';
import { CopyEntityInput, copyEntity } from './copy-entity.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);

export const handler = step(CopyEntityInput, (input, context) =>
  copyEntity(input, { db, batchRows: config.BATCH_ROWS, timeLeftMs: () => context.getRemainingTimeInMillis() }),
);
