import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { privatePath, privatePrefix } from '../../lambdas/delivery/private-path.ts';
import { signingKeyReader } from '../../lambdas/delivery/read-signing-key.ts';
import { signCookies } from '../../lambdas/delivery/sign-cookies.ts';
import { makeSigningKey } from '../../local/cloud/signing-key.ts';
import { Specs } from '../../local/cloud/specs.ts';
import { webServer } from '../../local/cloud/web.ts';
import { KeyValueStore } from '../../local/cloudfront-keyvaluestore/key-value-store.ts';
import type { LambdaRuntime } from '../../local/lambda/lambda-runtime.ts';
import { SecretsManager } from '../../local/secretsmanager/secrets-manager.ts';
import { send } from '../cloudfront/local-cloudfront.ts';
import { type SynthesizedApp, synthesizeApp } from '../lib/synthesized-app.ts';
import { startS3 } from '../s3/local-s3.ts';

let synthesized: SynthesizedApp;
beforeAll(() => {
  synthesized = synthesizeApp();
});
afterAll(() => synthesized?.remove());

const VIDEO = '/encoded/v1/abc/index.m3u8';

/** The whole distribution as it is synthesized, in front of real buckets; only the functions behind it are played. */
async function start() {
  const { assembly } = synthesized;
  const specs = new Specs(assembly);
  const s3 = await startS3({ buckets: specs.buckets() });
  const [store, ...others] = specs.keyValueStores().map(({ arn }) => new KeyValueStore(arn));
  if (store === undefined || others.length > 0) throw new Error('expected one key-value store in the assembly');
  const secrets = new SecretsManager(specs.secrets());
  const events: { rawPath?: string; headers?: Readonly<Record<string, string>> }[] = [];
  const lambda = {
    invoke: async (_arn: string, event: (typeof events)[number]) => {
      events.push(event);
      return { payload: { isAuthorized: true, statusCode: 200, body: 'function' } };
    },
  };
  const web = webServer(specs, {
    lambda: lambda as unknown as LambdaRuntime,
    s3: s3.client,
    placement: assembly.placement,
    keyValueStores: new Map([[store.arn, store]]),
    ownKeys: makeSigningKey(assembly.outputs, secrets),
    onApiAnswer: () => {},
    onError: (error) => {
      throw error;
    },
  });
  const server = createServer((request, response) => void web.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await s3.client.send(new PutObjectCommand({ Bucket: assembly.outputs.VideosBucketName, Key: VIDEO.slice(1), Body: '#EXTM3U' }));
  const client = { send: async () => (await secrets.handle(getSecret(assembly.outputs.SigningSecretArn))).body };
  return { url, store, events, secrets: client };
}

function getSecret(SecretId: string | undefined) {
  return {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: Buffer.from(JSON.stringify({ SecretId })),
  };
}

it('plays public media until its video is private, then with cookies of the laptop’s own key alone', async () => {
  const { url, store, secrets } = await start();
  expect(await send(url, VIDEO)).toMatchObject({
    status: 200,
    headers: {
      'cache-control': 'public, max-age=5',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    },
  });
  store.change({ puts: [{ Key: 'private/v1', Value: '1' }], deletes: [] }, store.etag);
  expect((await send(url, VIDEO)).status).toBe(403);
  expect((await send(url, privatePath(VIDEO))).status).toBe(403);
  const { SigningSecretArn: secretArn = '', SigningKeyPairId: keyPairId = '' } = synthesized.assembly.outputs;
  const key = await signingKeyReader({ client: secrets as never, secretArn, keyPairId })();
  const grant = { host: new URL(url).host, pathPrefix: privatePrefix(VIDEO), expiresAt: new Date(Date.now() + 60_000) };
  const cookie = signCookies(key, grant)
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
  const played = await send(url, privatePath(VIDEO), { cookie });
  expect([played.status, played.body.toString(), played.headers['cache-control']]).toEqual([200, '#EXTM3U', 'private, max-age=5']);
});

it('shows a page in place of LinkPick’s while the switch is on, and keeps media and console where they are', async () => {
  const { url, store } = await start();
  expect((await send(url, '/campaigns/1')).body.toString()).toBe('function');
  store.change({ puts: [{ Key: 'use_legacy_routes', Value: 'true' }], deletes: [] }, store.etag);
  const page = await send(url, '/campaigns/<b>1');
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body.toString()).toContain('LinkPick');
  expect(page.body.toString()).not.toContain('<b>');
  expect((await send(url, '/campaigns', { origin: url }, 'POST')).body.toString()).toContain('LinkPick');
  expect((await send(url, '/')).body.toString()).toBe('function');
  expect((await send(url, VIDEO)).status).toBe(200);
});

it('tells the app’s API the host that its viewers typed, whatever a viewer claims, and leaves uploads to operators', async () => {
  const { url, events } = await start();
  await send(url, '/api/videos/v1/stream', { 'x-viewer-host': 'evil.example' });
  expect(events.find(({ rawPath }) => rawPath === '/api/videos/v1/stream')?.headers?.['x-viewer-host']).toBe(new URL(url).host);
  expect((await send(url, '/api/uploads', { origin: 'https://evil.example' }, 'POST')).status).toBe(403);
});
