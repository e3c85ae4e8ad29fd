import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { MigrationConfig } from './config.ts';
import { ControlMigrationInput, controlMigration } from './control-migration.ts';

const db = DataApi.connect(parseConfig(MigrationConfig, process.env));

export const handler = step(ControlMigrationInput, (input) => controlMigration(input, { db }));
