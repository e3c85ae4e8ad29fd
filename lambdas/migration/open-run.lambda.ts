import { SFNClient } from '@aws-sdk/client-sfn';
import { ConfigurationReader } from '../app-config/read-configuration.ts';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { executionStatus } from '../execution-status.ts';
import { step } from '../step.ts';
import { MigrationConfig } from './config.ts';
import { OpenRunInput, openRun } from './open-run.ts';
import { requireSettings } from './read-settings.ts';
import { Settings } from './settings.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);
const isRunning = executionStatus(new SFNClient());
const settingsReader = ConfigurationReader.connect(config.SETTINGS_PATH, Settings);

export const handler = step(OpenRunInput, async (input) => {
  // A run that is at work goes on with the last good settings; a new one opens with those that are deployed, or not at all.
  const settings = await requireSettings(settingsReader, db);
  return openRun(input, { db, isRunning, settings, now: () => new Date() });
});
