import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { MigrationConfig } from './config.ts';
import { VerifyEntityInput, verifyEntity } from './verify-entity.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);

export const handler = step(VerifyEntityInput, (input, context) =>
  verifyEntity(input, { db, timeLeftMs: () => context.getRemainingTimeInMillis() }),
);
