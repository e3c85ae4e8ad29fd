import { createPrivateKey } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MissingSigningKeyError } from './errors.ts';
import type { SigningKey } from './sign-cookies.ts';

/** A rotated key is seen after this long. */
const KEPT_MS = 5 * 60_000;

export interface SigningKeySource {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  readonly secretArn: string;
  readonly keyPairId: string;
  /** @default the clock */
  readonly nowMs?: () => number;
}

/** Reads the signing key and keeps it for some minutes. @throws {MissingSigningKeyError} when nobody has put one, or it is none */
export function signingKeyReader({ client, secretArn, keyPairId, nowMs = Date.now }: SigningKeySource): () => Promise<SigningKey> {
  let kept: { readonly key: SigningKey; readonly untilMs: number } | undefined;
  return async () => {
    if (kept !== undefined && nowMs() < kept.untilMs) return kept.key;
    const privateKey = await readPem(client, secretArn);
    kept = { key: { keyPairId, privateKey }, untilMs: nowMs() + KEPT_MS };
    return kept.key;
  };
}

async function readPem(client: Pick<SecretsManagerClient, 'send'>, secretArn: string): Promise<string> {
  try {
    const { SecretString: pem = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    createPrivateKey(pem);
    return pem;
  } catch (error) {
    // The cause of a text that is no key may quote the text.
    if (error instanceof Error && 'code' in error) throw new MissingSigningKeyError(secretArn);
    if (error instanceof Error && error.name === 'ResourceNotFoundException') throw new MissingSigningKeyError(secretArn, { cause: error });
    throw error;
  }
}
