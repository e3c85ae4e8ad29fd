import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { MissingSigningKeyError } from '../../lambdas/delivery/errors.ts';
import { privatePath, privatePrefix } from '../../lambdas/delivery/private-path.ts';
import { signingKeyReader } from '../../lambdas/delivery/read-signing-key.ts';
import { setCookie, signCookies } from '../../lambdas/delivery/sign-cookies.ts';

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEY = { keyPairId: 'K1', privateKey };
const GRANT = { host: 'cdn.videopick.example', pathPrefix: '/private/v1/abc/', expiresAt: new Date('2026-11-23T01:00:00Z') };
const decode = (text = '') => Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');

it('signs one path of one host until a time', () => {
  const cookies = new Map(signCookies(KEY, GRANT).map(({ name, value }) => [name, value]));
  const policy = decode(cookies.get('CloudFront-Policy'));
  expect(JSON.parse(policy.toString())).toEqual({
    Statement: [
      {
        Resource: 'https://cdn.videopick.example/private/v1/abc/*',
        Condition: { DateLessThan: { 'AWS:EpochTime': Date.parse('2026-11-23T01:00:00Z') / 1000 } },
      },
    ],
  });
  const verify = createVerify('RSA-SHA256').update(policy);
  expect(verify.verify(createPublicKey(privateKey), decode(cookies.get('CloudFront-Signature')))).toBe(true);
  expect(cookies.get('CloudFront-Key-Pair-Id')).toBe('K1');
  expect(cookies.get('CloudFront-Hash-Algorithm')).toBe('SHA256');
});

it.each([
  ['*', '/private/v1/abc/'],
  ['', '/private/v1/abc/'],
  ['a.example/private/v2/def', '/private/v1/abc/'],
  ['a.example', '/private/*/'],
  ['a.example', '/private/v1/abc'],
  ['a.example', '/'],
  ['a.example', '/private/v1?/'],
])('refuses to sign what would be a pattern: %j %j', (host, pathPrefix) => {
  expect(() => signCookies(KEY, { ...GRANT, host, pathPrefix })).toThrow(RangeError);
});

it('gives cookies to their path alone, out of reach of scripts', () => {
  expect(setCookie({ name: 'CloudFront-Policy', value: 'abc' }, '/private/v1/abc/')).toBe(
    'CloudFront-Policy=abc; Path=/private/v1/abc/; Secure; HttpOnly; SameSite=None',
  );
});

it('has a private path for every file of a version, all below one prefix', () => {
  expect(privatePath('/encoded/v1/abc/720p/index_720p_00001.ts')).toBe('/private/v1/abc/encoded/720p/index_720p_00001.ts');
  expect(privatePath('/previews/v1/abc/preview.mp4')).toBe('/private/v1/abc/previews/preview.mp4');
  expect(privatePrefix('/thumbnails/v1/abc/poster.0000001.jpg')).toBe('/private/v1/abc/');
});

it.each(['/originals/v1/abc/x.mp4', '/encoded/v1/abc', 'https://linkpick.example/picture.jpg', ''])(
  'has no private path for %j, and says what one looks like',
  (path) => {
    expect(() => privatePath(path)).toThrow('expected /<encoded|thumbnails|previews>/<videoId>/<version>/<file>');
  },
);

function reader(answers: readonly unknown[]) {
  let nowMs = 0;
  const left = [...answers];
  const client = {
    send: async () => {
      const answer = left.shift();
      if (answer instanceof Error) throw answer;
      return { SecretString: answer };
    },
  };
  const read = signingKeyReader({ client: client as never, secretArn: 'arn:secret', keyPairId: 'K1', nowMs: () => nowMs });
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { read, left, later };
}

it('reads the key once in five minutes, so a rotated one is seen', async () => {
  const { read, left, later } = reader([privateKey, privateKey]);
  expect([await read(), await read()]).toEqual([KEY, KEY]);
  expect(left).toHaveLength(1);
  later(5 * 60_000);
  await read();
  expect(left).toHaveLength(0);
});

it.each([
  ['has no value', Object.assign(new Error('none'), { name: 'ResourceNotFoundException' })],
  ['holds no key', 'a password'],
  ['is empty', ''],
])('says what to put when the secret %s, and nothing of what is in it', async (_, answer) => {
  const refused = reader([answer]).read();
  await expect(refused).rejects.toThrow(MissingSigningKeyError);
  await expect(refused).rejects.toThrow(/put the private half/);
  await expect(refused).rejects.not.toThrow('a password');
});

it('lets other failures through as they are, and asks again the next time', async () => {
  const { read } = reader([Object.assign(new Error('slow down'), { name: 'ThrottlingException' }), privateKey]);
  await expect(read()).rejects.toThrow('slow down');
  expect(await read()).toEqual(KEY);
});
