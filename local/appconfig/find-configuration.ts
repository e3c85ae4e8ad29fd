import { notFound } from './errors.ts';
import type { Environment, Profile } from './model.ts';
import type { Store } from './store.ts';

export interface Configuration {
  readonly environment: Environment;
  readonly profile: Profile;
}

/** Finds what a reader asks for; each identifier is an id or a name. @throws {AwsError} ResourceNotFoundException */
export function findConfiguration({ declared }: Store, application: string, environment: string, profile: string): Configuration {
  const { Id } = find('Application', application, declared.applications);
  const ofApplication = <T extends { readonly ApplicationId: string }>(all: readonly T[]) =>
    all.filter(({ ApplicationId }) => ApplicationId === Id);
  return {
    environment: find('Environment', environment, ofApplication(declared.environments)),
    profile: find('ConfigurationProfile', profile, ofApplication(declared.profiles)),
  };
}

function find<T extends { readonly Id: string; readonly Name: string }>(type: string, identifier: string, all: readonly T[]): T {
  const match = all.find(({ Id }) => Id === identifier) ?? all.find(({ Name }) => Name === identifier);
  if (match === undefined) throw notFound(type, identifier);
  return match;
}
