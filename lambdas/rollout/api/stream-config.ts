import { DatabaseConfig } from '../../data-api/database-config.ts';
import { SigningConfig } from '../../delivery/signing-config.ts';
import { FlagsConfig } from './flags-in-force.ts';

/** The environment of the playback API. */
export const StreamConfig = DatabaseConfig.extend(SigningConfig.shape).extend(FlagsConfig.shape);

/** What lib/ must set; the compiler checks it. */
export type StreamEnv = Record<keyof typeof StreamConfig.shape, string>;
