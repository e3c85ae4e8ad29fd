import { runInNewContext } from 'node:vm';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
import { operatorsOnly } from '../../lib/delivery/operators-only.ts';
import { EnvironmentStack } from '../../lib/environment-stack.ts';

/** Runs the function's code as the template has it: does this request get through? */
function passes(networks: readonly string[], ip: string, sent: object = {}): boolean {
  const stack = new EnvironmentStack(new App(), 'Stack', { environment: readEnvironment('dev') });
  operatorsOnly(stack, 'OperatorsOnly', networks);
  const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::CloudFront::Function'));
  const request = { method: 'GET', uri: '/', headers: {}, ...sent };
  const event = { version: '1.0', viewer: { ip }, request };
  const answer = runInNewContext(`${resource?.Properties.FunctionCode}\nhandler(event)`, { event }) as { statusCode?: number };
  if (answer === (request as object)) return true;
  expect(answer).toEqual({ statusCode: 403, statusDescription: 'Forbidden', headers: { 'cache-control': { value: 'no-store' } } });
  return false;
}

describe('the operators-only function', () => {
  it.each([
    [['10.1.0.0/16'], '10.1.0.0'],
    [['10.1.0.0/16'], '10.1.255.255'],
    [['10.1.2.3/16'], '10.1.9.9'], // bits behind the prefix do not count
    [['203.0.113.7/32'], '203.0.113.7'],
    [['255.255.255.255/32'], '255.255.255.255'],
    [['128.0.0.0/1'], '200.1.1.1'], // the sign bit of a 32-bit number
    [['0.0.0.0/0'], '8.8.8.8'],
    [['10.0.0.0/8', '203.0.113.0/24'], '203.0.113.200'],
  ])('lets %j pass %s', (networks, ip) => {
    expect(passes(networks, ip)).toBe(true);
  });

  it.each([
    [['10.1.0.0/16'], '10.0.255.255'],
    [['10.1.0.0/16'], '10.2.0.0'],
    [['203.0.113.7/32'], '203.0.113.6'],
    [['203.0.113.7/32'], '203.0.113.8'],
    [['128.0.0.0/1'], '127.255.255.255'],
    [['10.0.0.0/8', '203.0.113.0/24'], '11.0.0.0'],
  ])('with %j answers 403 to %s', (networks, ip) => {
    expect(passes(networks, ip)).toBe(false);
  });

  it.each(['2001:db8::1', '::ffff:127.0.0.1', '::1'])('answers 403 to IPv6 (%s), even when all of IPv4 may pass', (ip) => {
    expect(passes(['0.0.0.0/0'], ip)).toBe(false);
  });

  it.each([
    '',
    '...',
    '127.0.0',
    '127.0.0.1.1',
    '127.0.0.',
    '127.0.0.256',
    '127.0.0.999',
    '127.0.0.1e0',
    '0x7f.0.0.1',
    '127.0.0.-1',
    ' 127.0.0.1',
    '127.0.0.x',
    'localhost',
  ])('answers 403 to what is no address (%j)', (ip) => {
    expect(passes(['0.0.0.0/0', '127.0.0.0/8'], ip)).toBe(false);
  });

  const post = (headers: { readonly host: string; readonly origin?: string }) => ({
    method: 'POST',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }])),
  });

  it.each([
    { host: 'd111.cloudfront.net', origin: 'https://d111.cloudfront.net' },
    { host: '127.0.0.1:4566', origin: 'http://127.0.0.1:4566' },
  ])('lets a command of its own page pass (%j)', (headers) => {
    expect(passes(['127.0.0.0/8'], '127.0.0.1', post(headers))).toBe(true);
    expect(passes(['10.0.0.0/8'], '127.0.0.1', post(headers))).toBe(false);
  });

  it.each([
    { host: 'd111.cloudfront.net', origin: 'https://evil.example' },
    { host: 'd111.cloudfront.net', origin: 'https://d111.cloudfront.net.evil.example' },
    { host: 'd111.cloudfront.net', origin: 'https://evil.example/https://d111.cloudfront.net' },
    { host: '127.0.0.1:4566', origin: 'http://127.0.0.1:8080' },
    { host: 'd111.cloudfront.net', origin: 'null' },
    { host: 'd111.cloudfront.net' },
  ])('answers 403 to a command that another site sent (%j)', (headers) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect(passes(['0.0.0.0/0'], '127.0.0.1', { ...post(headers), method })).toBe(false);
  });
});
