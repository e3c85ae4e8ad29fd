import type { ConfigurationReader } from '../app-config/read-configuration.ts';
import { logger } from '../step.ts';
import type { TranscodingSettings } from './settings.ts';

/** The settings of a step, read at its start; the last good ones while AppConfig is away or its document does not fit. */
export async function readSettings(reader: ConfigurationReader<typeof TranscodingSettings>): Promise<TranscodingSettings> {
  const { value, problem } = await reader.read();
  if (problem !== undefined) logger.warn('going on with the last good settings', { problem });
  return value;
}
