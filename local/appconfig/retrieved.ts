import { retrievedFlags } from './feature-flags.ts';
import type { HostedVersion, Profile } from './model.ts';

/** What a reader gets of a version: a freeform document as it is, of flags their values without the definitions. */
export function retrieved({ Type }: Profile, { contentBase64 }: HostedVersion): Buffer {
  const content = Buffer.from(contentBase64, 'base64');
  if (Type === 'AWS.Freeform') return content;
  return Buffer.from(JSON.stringify(retrievedFlags(JSON.parse(content.toString('utf8')))));
}
