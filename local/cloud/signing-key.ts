import { generateKeyPairSync } from 'node:crypto';
import type { SecretsManager } from '../secretsmanager/secrets-manager.ts';

/**
 * What a person does once per environment: makes a key pair, puts the private half into its secret, and the public half where CloudFront reads
 * it. Answers the latter, PEM by key id. A laptop's pair lives as long as its process; nobody has to keep a private key.
 */
export function makeSigningKey(outputs: Readonly<Record<string, string>>, secrets: SecretsManager): ReadonlyMap<string, string> {
  const { SigningSecretArn: secretArn, SigningKeyPairId: keyPairId } = outputs;
  if (secretArn === undefined || keyPairId === undefined) return new Map();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048, // what CloudFront takes
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  secrets.put(secretArn, privateKey);
  return new Map([[keyPairId, publicKey]]);
}
