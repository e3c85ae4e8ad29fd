import { expect, it } from 'vitest';
import { BUCKET, rawHeaders, startS3 } from './local-s3.ts';

const buckets = [
  {
    name: BUCKET,
    eventBridge: false,
    corsRules: [
      {
        AllowedOrigins: ['https://*.videopick.example'],
        AllowedMethods: ['PUT', 'GET'],
        AllowedHeaders: ['content-*'],
        ExposedHeaders: ['ETag'],
        MaxAge: 600,
      },
    ],
  },
  { name: 'videopick-static', eventBridge: false },
];
const query = '?X-Amz-Credential=AKIA%2F20261123%2Fap-northeast-2%2Fs3%2Faws4_request';
const preflight = (origin: string, method: string, headers = 'Content-Type') => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
});

it('answers the preflight of a presigned upload that a rule allows', async () => {
  const { endpoint } = await startS3({ buckets });
  const answer = await fetch(`${endpoint}/${BUCKET}/k${query}`, preflight('https://app.videopick.example', 'PUT'));
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'access-control-allow-origin': 'https://app.videopick.example',
    'access-control-allow-methods': 'PUT, GET',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '600',
  });
});

it.each([
  ['another origin', BUCKET, preflight('https://evil.example', 'PUT')],
  ['another method', BUCKET, preflight('https://app.videopick.example', 'DELETE')],
  ['another header', BUCKET, preflight('https://app.videopick.example', 'PUT', 'x-custom')],
  ['a bucket without rules', 'videopick-static', preflight('https://app.videopick.example', 'GET')],
])('refuses a preflight for %s', async (_, bucket, init) => {
  const { endpoint } = await startS3({ buckets });
  const answer = await fetch(`${endpoint}/${bucket}/k${query}`, init);
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>AccessForbidden</Code>')]);
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

it('exposes the ETag of an upload, and errors, to an allowed origin only', async () => {
  const { endpoint } = await startS3({ buckets });
  const upload = async (origin: string, method: 'PUT' | 'GET') =>
    fetch(`${endpoint}/${BUCKET}/${method}`, { method, headers: rawHeaders({ origin }), ...(method === 'PUT' && { body: 'x' }) });
  const allowed = await upload('https://app.videopick.example', 'PUT');
  expect([allowed.headers.get('access-control-expose-headers'), allowed.headers.get('etag')]).toEqual(['ETag', expect.any(String)]);
  expect((await upload('https://app.videopick.example', 'GET')).headers.get('access-control-allow-origin')).toBe(
    'https://app.videopick.example',
  );
  expect((await upload('https://evil.example', 'PUT')).headers.get('access-control-allow-origin')).toBeNull();
});
