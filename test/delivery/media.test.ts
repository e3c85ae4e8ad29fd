import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { privatePath, privatePrefix } from '../../lambdas/delivery/private-path.ts';
import { signCookies } from '../../lambdas/delivery/sign-cookies.ts';
import { edgeFunction } from '../../lib/delivery/edge-code.ts';
import { send, startCloudFront, VIDEOS_DOMAIN } from '../cloudfront/local-cloudfront.ts';
import { functionsOf, STORE_ARN, store } from './distribution.ts';

const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const { publicKey, privateKey } = keyPair();
const KEY = { keyPairId: 'K1', privateKey };
const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2026-11-23T00:00:00Z');

/** The bucket, public and private behaviours with the functions of the template before and after it. */
async function start(pairs: Readonly<Record<string, string>> = {}, nowMs = NOW_MS) {
  const edge = store(pairs);
  const functions = functionsOf((stack, keyValues) => {
    edgeFunction(stack, 'Guard', { name: 'guard', comment: '', files: ['guard-media'], store: keyValues });
    edgeFunction(stack, 'Open', { name: 'open', comment: '', files: ['open-private'] });
    for (const SCOPE of ['public', 'private']) {
      edgeFunction(stack, SCOPE, { name: SCOPE, comment: '', files: ['set-cache-control'], constants: { SCOPE } });
    }
  });
  const associations = (request: string, response: string) => ({
    FunctionAssociations: [
      { EventType: 'viewer-request', FunctionARN: request },
      { EventType: 'viewer-response', FunctionARN: response },
    ],
  });
  const cdn = await startCloudFront({
    distribution: {
      DistributionConfig: {
        Enabled: true,
        Origins: [{ Id: 'videos', DomainName: VIDEOS_DOMAIN }],
        DefaultCacheBehavior: { TargetOriginId: 'videos', ...associations('guard', 'public') },
        CacheBehaviors: [
          { PathPattern: 'private/*', TargetOriginId: 'videos', TrustedKeyGroups: ['G1'], ...associations('open', 'private') },
        ],
      },
    },
    functions,
    keyValueStores: new Map([[STORE_ARN, edge]]),
    keyGroups: new Map([['G1', new Map([['K1', publicKey]])]]),
    nowMs: () => nowMs,
  });
  for (const key of ['encoded/v1/abc/index.m3u8', 'encoded/v1/abc/720p/1.ts', 'thumbnails/v1/abc/p.jpg', 'encoded/v2/def/index.m3u8']) {
    await cdn.put(key, key);
  }
  const host = new URL(cdn.url).host;
  const get = async (path: string, cookies: readonly { name: string; value: string }[] = []) => {
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const { status, headers, body } = await send(cdn.url, path, cookie === '' ? {} : { cookie });
    return { status, cache: headers['cache-control'], body: body.toString() };
  };
  const cookiesFor = (path: string, expiresAt = new Date(nowMs + HOUR_MS), key = KEY, at = host) =>
    signCookies(key, { host: at, pathPrefix: privatePrefix(path), expiresAt });
  return { edge, get, cookiesFor, host };
}

describe('public media', () => {
  it('is kept by browsers for a year, what leads to it for seconds, and what is missing not at all', async () => {
    const { get } = await start();
    expect(await get('/encoded/v1/abc/720p/1.ts')).toMatchObject({ status: 200, cache: 'public, max-age=31536000, immutable' });
    expect(await get('/encoded/v1/abc/index.m3u8')).toMatchObject({ status: 200, cache: 'public, max-age=5' });
    expect(await get('/encoded/v1/abc/720p/2.ts')).toMatchObject({ status: 403, cache: undefined });
  });

  it('is refused from the moment its video is private, and open again from the moment it is not', async () => {
    const { edge, get } = await start();
    edge.put('private/v1', '1');
    for (const path of ['/encoded/v1/abc/index.m3u8', '/thumbnails/v1/abc/p.jpg']) {
      expect(await get(path), path).toMatchObject({ status: 403, cache: 'no-store', body: '' });
    }
    expect((await get('/encoded/v2/def/index.m3u8')).status).toBe(200);
    edge.change({ puts: [], deletes: ['private/v1'] }, edge.etag);
    expect((await get('/encoded/v1/abc/index.m3u8')).status).toBe(200);
  });

  it.each([
    '/encoded/%761/abc/index.m3u8',
    '/encoded/v1%2Fabc%2Findex.m3u8',
    '/encoded%2Fv1%2Fabc%2Findex.m3u8',
    '/%65ncoded/v1/abc/index.m3u8',
    '/encoded/v1/abc/index.m3u8?v2',
    '/encoded/v1/%61bc/index.m3u8',
  ])('of a private video has no other spelling: %s', async (path) => {
    const { get } = await start({ 'private/v1': '1' });
    expect((await get(path)).status).toBe(403);
  });

  it.each(['/encoded/%E0%A4%A/abc/index.m3u8', '/encoded//abc', '/encoded'])('without a video in its path is refused: %s', async (path) => {
    expect((await (await start()).get(path)).status).toBe(403);
  });
});

describe('private media', () => {
  it('plays with cookies for its version: playlist, segment and poster by one set', async () => {
    const { get, cookiesFor } = await start({ 'private/v1': '1' });
    const cookies = cookiesFor('/encoded/v1/abc/index.m3u8');
    for (const path of ['/encoded/v1/abc/index.m3u8', '/encoded/v1/abc/720p/1.ts', '/thumbnails/v1/abc/p.jpg']) {
      expect(await get(privatePath(path), cookies), path).toMatchObject({ status: 200, body: path.slice(1) });
    }
    expect((await get(privatePath('/encoded/v1/abc/720p/1.ts'), cookies)).cache).toBe('private, max-age=31536000, immutable');
  });

  it('is refused without cookies, and with those of another video, however the address is dressed up', async () => {
    const { get, cookiesFor, host } = await start();
    const cookies = cookiesFor('/encoded/v1/abc/index.m3u8');
    expect(await get('/private/v1/abc/encoded/index.m3u8')).toMatchObject({ status: 403, body: expect.stringContaining('MissingKey') });
    const others = [
      '/private/v2/def/encoded/index.m3u8',
      '/private/v2/def/encoded/index.m3u8?/private/v1/abc/',
      `/private/v2/def/encoded/index.m3u8?https://${host}/private/v1/abc/`,
      '/private/v1/abc%2F..%2F..%2Fv2/def/encoded/index.m3u8',
      '/private/v1/ab',
    ];
    for (const path of others) expect((await get(path, cookies)).body, path).toContain('AccessDenied');
  });

  it.each([
    ['after they expire', { expiresAt: new Date(NOW_MS) }, 'AccessDenied'],
    ['of a key that is not trusted, under the id of one that is', { key: { ...KEY, privateKey: keyPair().privateKey } }, 'AccessDenied'],
    ['under an unknown key id', { key: { ...KEY, keyPairId: 'K2' } }, 'InvalidKey'],
    ['for another host', { at: 'evil.example' }, 'AccessDenied'],
  ])('is refused with cookies %s', async (_, { expiresAt, key, at }: { expiresAt?: Date; key?: typeof KEY; at?: string }, code) => {
    const { get, cookiesFor } = await start();
    const path = '/encoded/v1/abc/index.m3u8';
    expect(await get(privatePath(path), cookiesFor(path, expiresAt, key, at))).toMatchObject({
      status: 403,
      body: expect.stringContaining(code),
    });
  });

  it('is refused when the policy was changed after it was signed, or is none', async () => {
    const { get, cookiesFor } = await start();
    const cookies = cookiesFor('/encoded/v1/abc/index.m3u8');
    const changed = (value: string) => cookies.map((cookie) => (cookie.name === 'CloudFront-Policy' ? { ...cookie, value } : cookie));
    const [wide] = cookiesFor('/encoded/v2/def/index.m3u8').filter(({ name }) => name === 'CloudFront-Policy');
    expect((await get('/private/v2/def/encoded/index.m3u8', changed(wide?.value ?? ''))).body).toContain('AccessDenied');
    expect((await get('/private/v1/abc/encoded/index.m3u8', changed('bm90IGpzb24_'))).body).toContain('MalformedPolicy');
  });

  it('has no other kinds than the three, even when signed', async () => {
    const { get, cookiesFor } = await start();
    const cookies = cookiesFor('/encoded/v1/abc/index.m3u8');
    expect(await get('/private/v1/abc/originals/source.mp4', cookies)).toMatchObject({ status: 403, cache: 'no-store' });
  });
});
