import { createHash } from 'node:crypto';
import { UserError } from '../errors.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { Profile } from './model.ts';
import type { Store } from './store.ts';

/**
 * Makes the template's versions and deployments, as CloudFormation does: only those that are new or have changed since the last start. So a
 * document deployed by an operator stays until the template asks for another one.
 * @throws {UserError} when the service would refuse: a document that does not fit, an environment that is busy
 */
export function applyTemplate(store: Store): void {
  const numbers = new Map<string, number>();
  for (const { path, profileId, content, ...rest } of store.declared.versions) {
    const profile = profileOf(store, path, profileId);
    const number = apply(store, path, { profileId, content, ...rest }, () =>
      store.addVersion(profile, { content: Buffer.from(content), ...rest }),
    );
    numbers.set(path, number);
  }
  for (const { path, ...declared } of store.declared.deployments) {
    const deployment = { ...declared, version: String(numbers.get(declared.version) ?? declared.version) };
    const profile = profileOf(store, path, declared.profileId);
    apply(store, path, deployment, () => store.startDeployment(profile, deployment));
  }
}

function profileOf({ declared }: Store, path: string, id: string): Profile {
  const profile = declared.profiles.find(({ Id }) => Id === id);
  if (profile === undefined) throw new UserError(`${path} names the AppConfig profile ${id}, which the template does not declare`);
  return profile;
}

function apply(store: Store, path: string, wanted: object, make: () => { readonly number: number }): number {
  const fingerprint = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
  const before = store.appliedBefore(path, fingerprint);
  if (before !== undefined) return before;
  try {
    const { number } = make();
    store.markApplied(path, fingerprint, number);
    return number;
  } catch (cause) {
    if (!(cause instanceof AwsError)) throw cause;
    throw new UserError(`AppConfig refuses ${path} of the template: ${cause.code}: ${cause.message}`, { cause });
  }
}
