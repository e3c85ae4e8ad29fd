import { generateKeyPairSync } from 'node:crypto';
import { getSignedCookies } from '@aws-sdk/cloudfront-signer';
import { expect, it } from 'vitest';
import { refuseUnsigned } from '../../local/cloudfront/signed-cookies.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const NOW_MS = Date.parse('2026-11-23T00:00:00Z');
const ADDRESS = 'https://cdn.videopick.example/private/v1/index.m3u8';
const IN_AN_HOUR = '2026-11-23T01:00:00Z';
type Grant = Partial<Parameters<typeof getSignedCookies>[0]>;

/** `undefined` when the cookies let the request in, else the code of the refusal. */
function outcome(grant: Grant, { uri = '/private/v1/index.m3u8', query = '', ip = '203.0.113.7', without = '' } = {}): string | undefined {
  const signed = getSignedCookies({ keyPairId: 'K1', privateKey, url: ADDRESS, dateLessThan: IN_AN_HOUR, ...grant } as Parameters<
    typeof getSignedCookies
  >[0]);
  const cookies = Object.entries(signed)
    .filter(([name]) => name !== without)
    .map(([name, value]) => `${name}=${value}`);
  const request = { method: 'GET', uri, query, headers: { host: 'cdn.videopick.example' }, cookies, ip };
  const answer = refuseUnsigned(request, new Map([['K1', publicKey]]), NOW_MS);
  return answer && /<Code>(\w+)<\/Code>/.exec(String(answer.body))?.[1];
}

it.each<[string, Grant, Parameters<typeof outcome>[1], string | undefined]>([
  ['a canned policy for its address', {}, {}, undefined],
  ['a canned policy, SHA-256', { algorithm: 'SHA256' }, {}, undefined],
  ['a canned policy for another address', {}, { uri: '/private/v1/other.m3u8' }, 'AccessDenied'],
  ['a canned policy with a query that was not signed', {}, { query: 'x=1' }, 'AccessDenied'],
  ['a canned policy that has expired', { dateLessThan: '2026-11-22T23:59:59Z' }, {}, 'AccessDenied'],
  ['a policy that holds from now on', { dateGreaterThan: '2026-11-22T23:00:00Z' }, {}, undefined],
  ['a policy that does not hold yet', { dateGreaterThan: '2026-11-23T00:30:00Z' }, {}, 'AccessDenied'],
  ['a policy for the viewer’s address', { ipAddress: '203.0.113.7' }, {}, undefined],
  ['a policy for another viewer’s address', { ipAddress: '203.0.113.8' }, {}, 'AccessDenied'],
  ['no key id', {}, { without: 'CloudFront-Key-Pair-Id' }, 'MissingKey'],
  ['no signature', {}, { without: 'CloudFront-Signature' }, 'MalformedPolicy'],
  ['no policy', {}, { without: 'CloudFront-Expires' }, 'MalformedPolicy'],
  ['SHA-256 taken for SHA-1', { algorithm: 'SHA256' }, { without: 'CloudFront-Hash-Algorithm' }, 'AccessDenied'],
])('%s', (_, grant, request, expected) => {
  expect(outcome(grant, request)).toBe(expected);
});
