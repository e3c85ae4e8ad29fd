import { z } from 'zod';
import { KeptConfiguration } from '../../app-config/kept-configuration.ts';
import { ConfigurationReader } from '../../app-config/read-configuration.ts';
import type { ServedFlags } from '../flags.ts';
import { NoticesDocument } from '../notices.ts';

/** Where the AppConfig agent answers flags and notices (profile-paths.ts). */
export const FlagsConfig = z.object({ FLAGS_PATH: z.string().startsWith('/applications/') });
export const NoticesConfig = z.object({ NOTICES_PATH: z.string().startsWith('/applications/') });

/** What lib/ must set; the compiler checks it. */
export type FlagsEnv = Record<keyof typeof FlagsConfig.shape, string>;
export type NoticesEnv = Record<keyof typeof NoticesConfig.shape, string>;

/** Flags as the agent serves them. A flag nobody knows does no harm; a percentage that is none would, so the last good document stays. */
export const ServedFlagsDocument = z.record(
  z.string(),
  z.looseObject({
    enabled: z.boolean(),
    percent: z.number().min(0).max(100).optional(),
    testers: z.array(z.string()).optional(),
  }),
);

/** No phase open, switches at their defaults: what `flagsFor` makes of a document that says nothing. */
const CODED_FLAGS: ServedFlags = {};

type OnProblem = (problem: string) => void;

/** The flags of the rollout as they are now; the coded defaults where there never were any. */
export function connectFlags({ FLAGS_PATH: path }: z.output<typeof FlagsConfig>, onProblem: OnProblem): KeptConfiguration<ServedFlags> {
  const reader = ConfigurationReader.connect(path, ServedFlagsDocument);
  return new KeptConfiguration<ServedFlags>({ read: () => reader.read(), fallback: CODED_FLAGS, onProblem });
}

/** The notice that users read now; none where there never was one. */
export function connectNotices(
  { NOTICES_PATH: path }: z.output<typeof NoticesConfig>,
  onProblem: OnProblem,
): KeptConfiguration<NoticesDocument> {
  const reader = ConfigurationReader.connect(path, NoticesDocument);
  return new KeptConfiguration<NoticesDocument>({ read: () => reader.read(), fallback: {}, onProblem });
}
