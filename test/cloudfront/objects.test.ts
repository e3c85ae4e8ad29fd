import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { distribution, send, startCloudFront } from './local-cloudfront.ts';

it('serves an object with its headers, to GET and HEAD', async () => {
  const cdn = await startCloudFront();
  await cdn.put('encoded/한 글/seg 1.ts', Buffer.alloc(2000, 7), 'video/mp2t');
  const path = `/encoded/${encodeURIComponent('한 글')}/seg%201.ts`;
  const get = await fetch(cdn.url + path);
  expect([get.status, get.headers.get('content-type'), get.headers.get('content-length')]).toEqual([200, 'video/mp2t', '2000']);
  expect(Buffer.from(await get.arrayBuffer()).equals(Buffer.alloc(2000, 7))).toBe(true);
  const head = await send(cdn.url, path, {}, 'HEAD');
  expect([head.status, head.headers['content-length'], head.headers.etag, head.body.length]).toEqual([
    200,
    '2000',
    get.headers.get('etag'),
    0,
  ]);
});

it.each([
  ['bytes=0-0', 206, 'bytes 0-0/10', '0'],
  ['bytes=8-', 206, 'bytes 8-9/10', '89'],
  ['bytes=-3', 206, 'bytes 7-9/10', '789'],
  ['bytes=10-', 416, undefined, undefined],
])('answers the range %s with %i', async (range, status, contentRange, body) => {
  const cdn = await startCloudFront();
  await cdn.put('k.txt', '0123456789');
  const answer = await send(cdn.url, '/k.txt', { range });
  expect([answer.status, answer.headers['content-range']]).toEqual([status, contentRange]);
  if (body !== undefined) expect(answer.body.toString()).toBe(body);
});

it('answers 304 to the ETag it gave, and 412 to another', async () => {
  const cdn = await startCloudFront();
  await cdn.put('k', 'hello');
  const etag = (await send(cdn.url, '/k')).headers.etag ?? '';
  const unchanged = await send(cdn.url, '/k', { 'if-none-match': etag });
  expect([unchanged.status, unchanged.headers.etag, unchanged.body.length]).toEqual([304, etag, 0]);
  expect((await send(cdn.url, '/k', { 'if-none-match': '"other"' })).status).toBe(200);
  expect((await send(cdn.url, '/k', { 'if-match': '"other"' })).status).toBe(412);
});

it('streams: takes from S3 what the viewer takes, and lets go when the viewer leaves', async () => {
  let pulled = 0;
  const endless = new Readable({
    read() {
      pulled += 65_536;
      this.push(Buffer.alloc(65_536));
    },
  });
  const s3 = { send: async () => ({ $metadata: { httpStatusCode: 200 }, Body: endless }) } as unknown as S3Client;
  const cdn = await startCloudFront({ s3 });
  const reader = (await fetch(`${cdn.url}/endless`)).body?.getReader();
  await reader?.read();
  await sleep(200);
  expect(pulled).toBeLessThan(32 * 1024 * 1024); // the buffers of two sockets
  await reader?.cancel();
  await expect.poll(() => endless.destroyed).toBe(true);
  expect(cdn.errors).toEqual([]);
});

it.each(['/missing', '/', '/..%2f..%2fetc/passwd', '/../../etc/passwd', '/%00'])(
  'answers 403 AccessDenied for %s, as without s3:ListBucket',
  async (path) => {
    const cdn = await startCloudFront();
    const answer = await send(cdn.url, path);
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      403,
      'application/xml',
      expect.stringContaining('<Code>AccessDenied</Code>'),
    ]);
  },
);

it('answers 400 to a path that is not UTF-8', async () => {
  const cdn = await startCloudFront();
  expect((await send(cdn.url, '/%ff')).status).toBe(400);
});

it('serves the default root object and an origin path', async () => {
  const origin = { Id: 'videos', DomainName: 'videopick-videos.s3.ap-northeast-2.amazonaws.com', OriginPath: '/site' };
  const cdn = await startCloudFront({
    distribution: distribution({ DefaultRootObject: 'index.html', Origins: [origin], CacheBehaviors: [] }),
  });
  await cdn.put('site/index.html', '<h1>hi</h1>', 'text/html');
  expect(await (await fetch(cdn.url)).text()).toBe('<h1>hi</h1>');
});

it('answers errors with the page and status of the distribution, and keeps the error when the page is missing', async () => {
  const errors = [{ ErrorCode: 403, ResponseCode: 404, ResponsePagePath: '/errors/404.html', ErrorCachingMinTTL: 5 }];
  const cdn = await startCloudFront({ distribution: distribution({ CustomErrorResponses: errors }) });
  expect((await send(cdn.url, '/missing')).status).toBe(403);
  await cdn.put('errors/404.html', 'not here', 'text/html');
  const answer = await send(cdn.url, '/missing', { range: 'bytes=0-1', 'if-none-match': '*' });
  expect([answer.status, answer.body.toString()]).toEqual([404, 'not here']);
  expect((await send(cdn.url, '/k', {}, 'DELETE')).status).toBe(404);
});

it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('answers 403 to %s where only reading is allowed', async (method) => {
  const cdn = await startCloudFront();
  await cdn.put('k', 'stays');
  expect((await send(cdn.url, '/k', {}, method)).status).toBe(403);
  expect(await (await fetch(`${cdn.url}/k`)).text()).toBe('stays');
});

it.each([
  'evil.example',
  'evil.example:4566',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '10.0.0.1',
  'evil-127.0.0.1',
  'my-localhost',
])('answers 421 to the host "%s" and does not serve it', async (host) => {
  const cdn = await startCloudFront();
  await cdn.put('k', 'secret');
  const answer = await send(cdn.url, '/k', { host });
  expect([answer.status, answer.body.toString()]).toEqual([421, expect.not.stringContaining('secret')]);
});

it.each(['127.0.0.1', 'localhost', 'LOCALHOST:1', '[::1]:4566'])('serves the host "%s"', async (host) => {
  const cdn = await startCloudFront();
  await cdn.put('k', 'hello');
  expect((await send(cdn.url, '/k', { host })).status).toBe(200);
});

it('compresses a text of 1,000 bytes or more for who takes gzip, and nothing else', async () => {
  const cdn = await startCloudFront();
  const playlist = '#EXTM3U\n'.repeat(125);
  await cdn.put('long.m3u8', playlist, 'application/vnd.apple.mpegurl');
  await cdn.put('short.m3u8', playlist.slice(1), 'application/vnd.apple.mpegurl');
  await cdn.put('seg.ts', playlist, 'video/mp2t');
  const gzip = { 'accept-encoding': 'br, gzip;q=0.8' };
  const zipped = await send(cdn.url, '/long.m3u8', gzip);
  expect([zipped.headers['content-encoding'], zipped.headers.vary, gunzipSync(zipped.body).toString()]).toEqual([
    'gzip',
    'Accept-Encoding',
    playlist,
  ]);
  expect(zipped.body.length).toBeLessThan(200);
  expect(zipped.headers.etag).toMatch(/^W\/"/);
  expect((await send(cdn.url, '/long.m3u8', { ...gzip, 'if-none-match': zipped.headers.etag ?? '' })).status).toBe(304);
  for (const [path, headers] of [
    ['/long.m3u8', {}],
    ['/long.m3u8', { 'accept-encoding': 'gzip;q=0' }],
    ['/long.m3u8', { ...gzip, range: 'bytes=0-998' }],
    ['/short.m3u8', gzip],
    ['/seg.ts', gzip],
  ] as const) {
    expect((await send(cdn.url, path, headers)).headers['content-encoding']).toBeUndefined();
  }
  const off = await startCloudFront({ distribution: distribution({}, { Compress: false }) });
  await off.put('long.m3u8', playlist, 'application/vnd.apple.mpegurl');
  expect((await send(off.url, '/long.m3u8', gzip)).headers['content-encoding']).toBeUndefined();
});
