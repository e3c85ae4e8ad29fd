import { describe, expect, it } from 'vitest';
import { EnvironmentSchema } from '../../config/environment.ts';
import { readEnvironment } from '../../config/index.ts';
import { delivery } from './distribution.ts';

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/6f1c';
const parse = (changes: object) => EnvironmentSchema.safeParse({ ...readEnvironment('dev'), delivery: delivery(changes) });

it('takes domains with a certificate of us-east-1, and old domains beside them', () => {
  const changes = { domains: ['videopick.kr'], oldDomains: ['www.linkpick.kr'], certificateArn: CERTIFICATE };
  expect(parse(changes).error).toBeUndefined();
});

describe('refuses', () => {
  it.each([
    ['domains without a certificate', { domains: ['videopick.kr'] }, 'certificateArn'],
    ['a certificate without domains', { certificateArn: CERTIFICATE }, 'domains'],
    [
      'a certificate of another region',
      { domains: ['videopick.kr'], certificateArn: CERTIFICATE.replace('us-east-1', 'ap-northeast-2') },
      'certificateArn',
    ],
    ['old domains that lead nowhere', { oldDomains: ['www.linkpick.kr'] }, 'oldDomains'],
    [
      'LinkPick’s site behind itself',
      { domains: ['videopick.kr'], certificateArn: CERTIFICATE, legacy: { origin: 'videopick.kr', paths: ['/login'] } },
      'circle',
    ],
    ['an address for a name', { domains: ['https://videopick.kr'], certificateArn: CERTIFICATE }, 'domains'],
    ['a path without its slash', { legacy: { origin: 'origin.linkpick.kr', paths: ['login'] } }, 'paths'],
    ['a star within a path', { legacy: { origin: 'origin.linkpick.kr', paths: ['/a*b'] } }, 'paths'],
    ['every page for cookies', { appOrigins: ['*'] }, 'appOrigins'],
    ['no key to sign with', { signingKeys: [] }, 'signingKeys'],
    ['a private key', { signingKeys: [{ name: 'a', publicKeyPem: '-----BEGIN PRIVATE KEY-----' }] }, 'publicKeyPem'],
  ])('%s', (_, changes, named) => {
    expect(parse(changes).error?.message).toContain(named);
  });
});
