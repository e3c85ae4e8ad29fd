import { SettingsUnavailableError } from '../app-config/errors.ts';
import type { ConfigurationReader } from '../app-config/read-configuration.ts';
import type { DataApi } from '../data-api/data-api.ts';
import { logger } from '../step.ts';
import { SettingsRefusedError } from './errors.ts';
import type { Settings } from './settings.ts';
import { recordedSettings, recordProblem, recordSettings } from './settings-in-force.ts';

type SettingsReader = Pick<ConfigurationReader<typeof Settings>, 'read'>;

/**
 * The settings of a step, read at its start; those in force while AppConfig is away or its document does not fit, even when this function has never
 * seen a good one. @throws {SettingsUnavailableError} when no function has
 */
export async function readSettings(reader: SettingsReader, db: DataApi): Promise<Settings> {
  const read = await readAndRecord(reader, db);
  if ('settings' in read) return read.settings;
  const settings = (await recordedSettings(db)) ?? read.lastGood;
  if (settings === undefined) throw read.cause;
  logger.warn('going on with the last good settings', { problem: read.problem });
  return settings;
}

/**
 * The settings that a run opens with: those that are deployed, or none at all. @throws {SettingsRefusedError} naming the fields at fault; the ones in
 * force stay on record
 */
export async function requireSettings(reader: SettingsReader, db: DataApi): Promise<Settings> {
  const read = await readAndRecord(reader, db);
  if ('settings' in read) return read.settings;
  throw new SettingsRefusedError(read.problem);
}

interface Refused {
  readonly problem: string;
  /** Of this function's own memory. */
  readonly lastGood: Settings | undefined;
  readonly cause: unknown;
}

/** Puts what was read on record, where the console finds it. */
async function readAndRecord(reader: SettingsReader, db: DataApi): Promise<{ readonly settings: Settings } | Refused> {
  const read = await attempt(reader);
  if ('settings' in read) await recordSettings(db, read.settings);
  else await recordProblem(db, read.problem);
  return read;
}

async function attempt(reader: SettingsReader): Promise<{ readonly settings: Settings } | Refused> {
  try {
    const { value, problem } = await reader.read();
    return problem === undefined ? { settings: value } : { problem, lastGood: value, cause: undefined };
  } catch (error) {
    if (!(error instanceof SettingsUnavailableError)) throw error;
    return { problem: error.problem, lastGood: undefined, cause: error };
  }
}
