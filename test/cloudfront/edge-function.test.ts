import { expect, it } from 'vitest';
import { distribution, send, startCloudFront } from './local-cloudfront.ts';

const ARN = 'arn:aws:cloudfront::123456789012:function/edge';
const start = (code: string, invoke?: (event: unknown) => Promise<unknown>) =>
  startCloudFront({
    distribution: distribution({}, association, association),
    functions: new Map([
      [ARN, { Name: 'edge', AutoPublish: true, FunctionCode: code, FunctionConfig: { Runtime: 'cloudfront-js-2.0', Comment: '' } }],
    ]),
    ...(invoke && { invoke }),
  });
const association = { FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: ARN }] };

it('goes on with the request the function returns', async () => {
  const events: unknown[] = [];
  const cdn = await start(
    `async function handler(event) {
       const request = event.request;
       request.uri = request.uri.replace('/api/old', '/api/new');
       request.querystring.seen = { value: event.viewer.ip };
       request.headers['x-edge'] = { value: request.cookies.Theme.value + request.querystring.tag.multiValue.length };
       return request;
     }`,
    async (event) => void events.push(event),
  );
  await send(cdn.url, '/api/old?tag=a&tag=b%20c', { cookie: 'Theme=dark' });
  expect(events).toEqual([
    expect.objectContaining({
      rawPath: '/api/new',
      rawQueryString: 'tag=a&tag=b%20c&seen=127.0.0.1',
      cookies: ['Theme=dark'],
      headers: expect.objectContaining({ 'x-edge': 'dark2' }),
    }),
  ]);
});

it('answers with the response the function returns, and asks no origin', async () => {
  const cdn = await start(`function handler(event) {
    if (event.request.headers.host.value.indexOf('127.') !== 0) return event.request;
    return { statusCode: 301, statusDescription: 'Moved', headers: { location: { value: 'https://videopick.example' + event.request.uri } },
      cookies: { a: { value: '1', attributes: 'Path=/' } }, body: { encoding: 'base64', data: 'Z28=' } };
  }`);
  await cdn.put('k', 'origin');
  const { status, headers, body } = await send(cdn.url, '/k');
  expect([status, headers.location, headers['set-cookie'], body.toString()]).toEqual([
    301,
    'https://videopick.example/k',
    ['a=1; Path=/'],
    'go',
  ]);
});

it.each([
  ['throws', 'function handler() { throw new Error("oops"); }', 'oops'],
  ['rejects', 'async function handler() { throw new Error("oops"); }', 'oops'],
  ['loops', 'function handler() { for (;;) {} }', 'timed out'],
  ['loops in a promise', 'async function handler() { await null; for (;;) {} }', 'timed out'],
  ['never answers', 'function handler() { return new Promise(() => {}); }', 'did not answer'],
  ['returns nothing', 'function handler() {}', 'a request with a uri'],
  ['changes the method', 'function handler(event) { event.request.method = "POST"; return event.request; }', 'method'],
])('answers 503 when the function %s', async (_, code, reason) => {
  const cdn = await start(code);
  await cdn.put('k', 'origin');
  const { status, body } = await send(cdn.url, '/k');
  expect([status, body.toString()]).toEqual([503, expect.stringContaining(reason)]);
});

it.each([
  'typeof process',
  'typeof require',
  'typeof fetch',
  'typeof setTimeout',
  'typeof globalThis.Buffer',
  'handler.constructor("return typeof process")()',
  'event.constructor.constructor("return process")().pid',
  'console.log.constructor("return process")().pid',
])('gives the function nothing of this process: %s', async (expression) => {
  const cdn = await start(`function handler(event) {
    let found; try { found = String(${expression}); } catch (error) { found = 'undefined'; }
    return { statusCode: 200, body: found };
  }`);
  expect((await send(cdn.url, '/k')).body.toString()).toBe('undefined');
});

it.each([
  ['does not compile', 'function handler( {', 'does not run'],
  ['imports a module', 'import fs from "fs"; function handler() {}', 'does not run'],
  ['has no handler', 'var x = 1;', 'handler'],
  ['is too large', `function handler() {} // ${'x'.repeat(10240)}`, '10240 bytes'],
])('is refused at start when it %s', async (_, code, reason) => {
  await expect(start(code)).rejects.toMatchObject({ name: 'UnsupportedDistributionError', message: expect.stringContaining(reason) });
});
