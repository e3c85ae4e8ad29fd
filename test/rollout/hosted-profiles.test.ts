import { type AppConfigClient, ConflictException } from '@aws-sdk/client-appconfig';
import { expect, it } from 'vitest';
import { VersionConflictError } from '../../lambdas/rollout/errors.ts';
import { HostedProfiles } from '../../lambdas/rollout/hosted-profiles.ts';

const PROFILE = { id: 'abc1234', name: 'feature-flags' };

/** A profile at AppConfig that refuses to store, and in which the label is found from the given question on. */
function refusing({ newest, labelledAfter = Number.POSITIVE_INFINITY }: { newest: number; labelledAfter?: number }) {
  let questions = 0;
  const send = async (command: { constructor: { name: string }; input: { VersionLabel?: string } }) => {
    if (command.constructor.name === 'CreateHostedConfigurationVersionCommand')
      throw new ConflictException({ message: 'conflict', $metadata: {} });
    if (command.input.VersionLabel === undefined) return { Items: [{ VersionNumber: newest }] };
    questions += 1;
    return { Items: questions > labelledAfter ? [{ VersionNumber: newest }] : [] };
  };
  return new HostedProfiles({ send } as unknown as AppConfigClient, { applicationId: 'app1234', environmentId: 'env1234' });
}
const store = (hosted: HostedProfiles) => hosted.store(PROFILE, { text: '{}', label: 'rollout-1', after: 3 });

it('names a version that somebody else has stored, found and expected', async () => {
  const refused = store(refusing({ newest: 4 }));
  await expect(refused).rejects.toThrow(VersionConflictError);
  await expect(refused).rejects.toThrow('profile feature-flags is 4, the rollout was planned after version 3');
});

it('finds its own version where the client has repeated a call whose answer was lost', async () => {
  expect(await store(refusing({ newest: 4, labelledAfter: 1 }))).toBe(4);
});

it('lets a conflict of another kind through, which may pass', async () => {
  await expect(store(refusing({ newest: 3 }))).rejects.toThrow(ConflictException);
});
