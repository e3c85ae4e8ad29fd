import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { CatchUpInput, catchUp } from './catch-up.ts';
import { MigrationConfig } from './config.ts';
import { Settings } from './settings.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);

export const handler = step(CatchUpInput, (input, context) =>
  catchUp(input, { db, settings: Settings.parse({}), timeLeftMs: () => context.getRemainingTimeInMillis() }),
);
