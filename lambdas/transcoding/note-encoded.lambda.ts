import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { step } from '../step.ts';
import { NoteEncodedInput, noteEncoded } from './note-encoded.ts';

const dependencies = { db: DataApi.connect(parseConfig(DatabaseConfig, process.env)) };

export const handler = step(NoteEncodedInput, (input) => noteEncoded(input, dependencies));
