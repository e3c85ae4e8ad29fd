/**
 * In place of `@smithy/core/event-streams` in bundles. S3's client brings it along for one operation, SelectObjectContent, which nothing here
 * calls; it would be 15 kB of every function that speaks to S3.
 */
export const eventStreamSerdeProvider = () => ({});

export function resolveEventStreamSerdeConfig<Config>(config: Config): Config {
  return config;
}

export class EventStreamSerde {
  constructor() {
    throw new Error('bundles have no event streams; to call an operation that answers one, remove its alias in lib/bundle-lambdas.ts');
  }
}
