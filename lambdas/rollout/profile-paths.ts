/** The AppConfig profile of the flags, and that of the notices. */
export const FLAGS_PROFILE = 'feature-flags';
export const NOTICES_PROFILE = 'notices';

/** AppConfig's application of the rollout in one environment (`dev`). */
export function rolloutApplication(environment: string): string {
  return `videopick-${environment}-rollout`;
}

/** Where the AppConfig agent answers a profile. By names, so that messages can be read. */
export function profilePath(environment: string, profile: string): string {
  return `/applications/${rolloutApplication(environment)}/environments/${environment}/configurations/${profile}`;
}
