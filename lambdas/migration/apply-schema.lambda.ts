import { z } from 'zod';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { step } from '../step.ts';
import { compileSchema } from './compile/index.ts';
import { applySchema } from './schema/apply-schema.ts';
import { readMigrationFiles } from './schema/migration-files.ts';

const config = parseConfig(DatabaseConfig, process.env);
const db = DataApi.connect(config);

/** Started by the deploy (a trigger of the database stack); its event carries nothing this needs. */
export const handler = step(z.unknown(), async () =>
  applySchema(db, await readMigrationFiles(new URL('./migrations/', import.meta.url)), compileSchema()),
);
