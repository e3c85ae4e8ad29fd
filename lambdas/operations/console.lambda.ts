import { readFile } from 'node:fs/promises';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { logger } from '../step.ts';
import { answer } from './console.ts';
import { controlRuns } from './control-runs.ts';
import { readQuarantine } from './read-quarantine.ts';
import { readStatus } from './read-status.ts';
import { retryRows } from './retry-rows.ts';

const db = DataApi.connect(parseConfig(DatabaseConfig, process.env));
/** Beside the bundle: lib/delivery puts it there. */
const page = new URL('./page/', import.meta.url);

export const handler = (event: LambdaFunctionURLEvent) =>
  answer(event, {
    readStatus: () => readStatus(db),
    readQuarantine: (query) => readQuarantine(db, query),
    retryRows: (input) => retryRows(db, input),
    control: (input) => controlRuns(db, input),
    readPage: (file) => readFile(new URL(file, page), 'utf8'),
    onCommand: (name, facts) => logger.info('a command was carried out', { command: name, ...facts }),
    onError: (error) => logger.error('the console could not answer', error as Error),
  });
