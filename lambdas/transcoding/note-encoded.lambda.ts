import { ConfigurationReader } from '../app-config/read-configuration.ts';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { step } from '../step.ts';
import { TranscodingConfig } from './config.ts';
import { NoteEncodedInput, noteEncoded } from './note-encoded.ts';
import { readSettings } from './read-settings.ts';
import { TranscodingSettings } from './settings.ts';

const config = parseConfig(TranscodingConfig, process.env);
const settings = ConfigurationReader.connect(config.SETTINGS_PATH, TranscodingSettings);
const db = DataApi.connect(config);

export const handler = step(NoteEncodedInput, async (input) => noteEncoded(input, { db, settings: await readSettings(settings) }));
