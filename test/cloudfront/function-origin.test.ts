import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { FunctionUrlEvent } from '../../local/cloudfront/function-origin.ts';
import { ALL_VIEWER_EXCEPT_HOST, API_DOMAIN, distribution, send, startCloudFront } from './local-cloudfront.ts';

async function startApi(answer: unknown, api: object = {}) {
  const events: FunctionUrlEvent[] = [];
  const invoke = async (event: unknown) => {
    events.push(event as FunctionUrlEvent);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { events, cdn: await startCloudFront({ invoke, distribution: distribution({}, {}, api) }) };
}

it('hands the function the payload of a function URL', async () => {
  const { events, cdn } = await startApi({ statusCode: 201, headers: { 'X-Made': 'yes' }, cookies: ['a=1; Path=/', 'b=2'], body: 'done' });
  const answer = await fetch(`${cdn.url}/api/uploads/a%20b?tag=x&tag=y&q=%ED%95%9C`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'session=1; theme=dark' },
    body: '{"name":"한"}',
  });
  expect([answer.status, answer.headers.get('x-made'), answer.headers.getSetCookie(), await answer.text()]).toEqual([
    201,
    'yes',
    ['a=1; Path=/', 'b=2'],
    'done',
  ]);
  expect(events).toEqual([
    expect.objectContaining({
      version: '2.0',
      rawPath: '/api/uploads/a%20b',
      rawQueryString: 'tag=x&tag=y&q=%ED%95%9C',
      queryStringParameters: { tag: 'x,y', q: '한' },
      cookies: ['session=1', 'theme=dark'],
      headers: expect.objectContaining({ 'content-type': 'application/json', host: 'abc123.lambda-url.ap-northeast-2.on.aws' }),
      requestContext: expect.objectContaining({ http: expect.objectContaining({ method: 'POST', path: '/api/uploads/a%20b' }) }),
      body: '{"name":"한"}',
      isBase64Encoded: false,
    }),
  ]);
});

it('passes bytes as base64 both ways', async () => {
  const bytes = Buffer.from([0, 255, 1, 254]);
  const { events, cdn } = await startApi({
    statusCode: 200,
    headers: { 'content-type': 'image/png' },
    body: bytes.toString('base64'),
    isBase64Encoded: true,
  });
  const answer = await fetch(`${cdn.url}/api/x`, { method: 'PUT', body: bytes, headers: { 'content-type': 'image/png' } });
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  expect(events[0]).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true });
});

it('answers what is no response as the JSON of a 200', async () => {
  const { cdn } = await startApi({ videos: [] });
  const answer = await fetch(`${cdn.url}/api/videos`);
  expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([200, 'application/json', { videos: [] }]);
});

it('answers 502 when the function throws, and tells who runs it', async () => {
  const { cdn } = await startApi(new Error('broken'));
  const answer = await fetch(`${cdn.url}/api/x`);
  expect([answer.status, await answer.text()]).toEqual([502, expect.not.stringContaining('broken')]);
  expect(cdn.errors).toEqual([expect.objectContaining({ message: 'broken' })]);
});

it('answers 413 to a body larger than a function takes', async () => {
  const { events, cdn } = await startApi({});
  expect((await fetch(`${cdn.url}/api/x`, { method: 'POST', body: Buffer.alloc(6 * 1024 * 1024 + 1) })).status).toBe(413);
  expect(events).toEqual([]);
});

it('sends neither query nor cookies without an origin request policy, as CloudFront does', async () => {
  const { events, cdn } = await startApi({}, { OriginRequestPolicyId: undefined, CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad' });
  await send(cdn.url, '/api/x?q=1', { cookie: 'a=1', 'x-custom': '1', 'content-type': 'text/plain' });
  expect(events[0]).toMatchObject({ rawQueryString: '', headers: { 'content-type': 'text/plain', 'user-agent': 'Amazon CloudFront' } });
  expect(events[0]).not.toHaveProperty('cookies');
  expect(events[0]?.headers).not.toHaveProperty('x-custom');
});

it('never hands the function a method its behaviour does not allow', async () => {
  const { events, cdn } = await startApi({}, { AllowedMethods: ['GET', 'HEAD'] });
  expect((await send(cdn.url, '/api/x', {}, 'DELETE')).status).toBe(403);
  expect(events).toEqual([]);
});

describe('behind origin access control', () => {
  async function startSigned() {
    const events: FunctionUrlEvent[] = [];
    const cdn = await startCloudFront({
      invoke: async (event) => {
        events.push(event as FunctionUrlEvent);
        return {};
      },
      distribution: {
        DistributionConfig: {
          Enabled: true,
          Origins: [{ Id: 'api', DomainName: API_DOMAIN, OriginAccessControlId: 'E1' }],
          DefaultCacheBehavior: {
            TargetOriginId: 'api',
            AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
            OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
          },
        },
      },
    });
    return { cdn, events };
  }
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  it.each([
    ['its hash', 'body', sha256('body'), 200],
    ['no hash', 'body', undefined, 403],
    ['the hash of another body', 'body', sha256('other'), 403],
    ['a hash that is none', 'body', 'UNSIGNED-PAYLOAD', 403],
    ['no body and no hash', undefined, undefined, 200],
    ['no body but the hash of one', undefined, sha256('body'), 403],
  ])('a body with %s is taken or refused as the service does', async (_, body, hash, status) => {
    const { cdn, events } = await startSigned();
    const headers: Record<string, string> = hash === undefined ? {} : { 'x-amz-content-sha256': hash };
    const answer = await fetch(`${cdn.url}/api/x`, { method: 'POST', headers, ...(body !== undefined && { body }) });
    expect(answer.status).toBe(status);
    expect(events).toHaveLength(status === 200 ? 1 : 0);
    if (status === 403) expect(await answer.json()).toEqual({ message: expect.stringContaining('signature') });
  });
});
