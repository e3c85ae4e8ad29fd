import { randomUUID } from 'node:crypto';
import { ConfigurationReader } from '../app-config/read-configuration.ts';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { recordBatch } from '../metrics.ts';
import { step } from '../step.ts';
import { MigrationConfig } from './config.ts';
import { CopyEntityInput, copyEntity } from './copy-entity.ts';
import { readSettings } from './read-settings.ts';
import { Settings } from './settings.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);
const settingsReader = ConfigurationReader.connect(config.SETTINGS_PATH, Settings);

export const handler = step(CopyEntityInput, async (input, context) =>
  copyEntity(input, {
    db,
    settings: await readSettings(settingsReader, db),
    timeLeftMs: () => context.getRemainingTimeInMillis(),
    now: () => new Date(),
    newBatchKey: randomUUID,
    onBatch: (entity, { completed, quarantined }, batchMs) => recordBatch({ entity, completed, quarantined, batchMs, runId: input.runId }),
  }),
);
