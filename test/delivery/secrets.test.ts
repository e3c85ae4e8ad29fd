import { createPublicKey } from 'node:crypto';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it, onTestFinished } from 'vitest';
import { signingKeyReader } from '../../lambdas/delivery/read-signing-key.ts';
import { makeSigningKey } from '../../local/cloud/signing-key.ts';
import { Gateway } from '../../local/gateway/gateway.ts';
import { SecretsManager } from '../../local/secretsmanager/secrets-manager.ts';

const SECRET = { arn: 'arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:signing-key-abcdef', name: 'signing-key' };

async function start() {
  const secrets = new SecretsManager([SECRET]);
  const gateway = new Gateway({
    services: new Map([['secretsmanager', secrets]]),
    web: (_, response) => void response.end(),
    onError: () => {},
  });
  const endpoint = await gateway.listen(0);
  onTestFinished(() => gateway.close());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { secrets, client: new SecretsManagerClient({ endpoint, region: 'ap-northeast-2', credentials, maxAttempts: 1 }) };
}

it('gives a secret’s value by ARN and by name, and no other secret’s', async () => {
  const { secrets, client } = await start();
  secrets.put(SECRET.name, 'value');
  for (const SecretId of [SECRET.arn, SECRET.name]) {
    expect(await client.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({
      ARN: SECRET.arn,
      Name: SECRET.name,
      SecretString: 'value',
      VersionStages: ['AWSCURRENT'],
    });
  }
  await expect(client.send(new GetSecretValueCommand({ SecretId: 'other' }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

it('has no value until somebody puts one', async () => {
  const { client } = await start();
  await expect(client.send(new GetSecretValueCommand({ SecretId: SECRET.arn }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

it('refuses by name what it does not do', async () => {
  const { client } = await start();
  await expect(client.send(new PutSecretValueCommand({ SecretId: SECRET.arn, SecretString: 'x' }))).rejects.toThrow('PutSecretValue');
});

it('holds the private half of the pair whose public half a laptop’s distribution trusts', async () => {
  const { secrets, client } = await start();
  const trusted = makeSigningKey({ SigningSecretArn: SECRET.arn, SigningKeyPairId: 'K1' }, secrets);
  const { privateKey } = await signingKeyReader({ client, secretArn: SECRET.arn, keyPairId: 'K1' })();
  const publicHalf = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  expect([...trusted]).toEqual([['K1', publicHalf]]);
});
