import { ConfigurationReader } from '../app-config/read-configuration.ts';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { recordCaptureLag } from '../metrics.ts';
import { step } from '../step.ts';
import { CatchUpInput, catchUp } from './catch-up.ts';
import { MigrationConfig } from './config.ts';
import { readSettings } from './read-settings.ts';
import { Settings } from './settings.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);
const settingsReader = ConfigurationReader.connect(config.SETTINGS_PATH, Settings);

export const handler = step(CatchUpInput, async (input, context) =>
  catchUp(input, {
    db,
    settings: await readSettings(settingsReader, db),
    timeLeftMs: () => context.getRemainingTimeInMillis(),
    onLag: recordCaptureLag,
  }),
);
