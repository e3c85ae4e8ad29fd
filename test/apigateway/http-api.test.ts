import { describe, expect, it } from 'vitest';
import { UnsupportedApiError } from '../../local/apigateway/errors.ts';
import { type ApiTemplate, AUTHORIZER_ARN, apiRequest, HANDLER_ARN, startApi } from './local-api.ts';

type Event = Record<string, unknown>;
const echo = async (_arn: string, event: unknown) => ({ statusCode: 200, body: JSON.stringify(event) });
const bodyOf = ({ body }: { body: Buffer }) => JSON.parse(body.toString()) as Event;

describe('routes', () => {
  const routes = [
    'GET /files',
    'ANY /files',
    'GET /files/{id}',
    'GET /files/latest',
    'GET /files/{id}/parts',
    'ANY /files/{rest+}',
    'POST /files/{id}',
  ];
  const api = startApi({ routes }, echo);

  it.each([
    ['GET', '/files', 'GET /files', undefined],
    ['PUT', '/files', 'ANY /files', undefined],
    ['GET', '/files/latest', 'GET /files/latest', undefined],
    ['GET', '/files/a%20b%2Fc', 'GET /files/{id}', { id: 'a b/c' }],
    ['GET', '/files/x/parts', 'GET /files/{id}/parts', { id: 'x' }],
    ['DELETE', '/files/x/y/z', 'ANY /files/{rest+}', { rest: 'x/y/z' }],
    ['DELETE', '/files/x', 'ANY /files/{rest+}', { rest: 'x' }],
  ])('%s %s goes to the most specific one, %s', async (method, path, routeKey, pathParameters) => {
    const event = bodyOf(await api.handle(apiRequest({ method, path })));
    expect([event.routeKey, event.pathParameters]).toEqual([routeKey, pathParameters]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/file'],
    ['POST', '/file'],
    ['POST', '/filesx/1'],
  ])('%s %s is not found where no $default is declared', async (method, path) => {
    const answer = await api.handle(apiRequest({ method, path }));
    expect([answer.status, answer.body.toString()]).toEqual([404, '{"message":"Not Found"}']);
  });

  it('leave the rest to $default where it is declared', async () => {
    const withDefault = startApi({ routes: ['GET /files', '$default'] }, echo);
    expect(bodyOf(await withDefault.handle(apiRequest({ method: 'PUT', path: '/else/where' })))).toMatchObject({ routeKey: '$default' });
    expect(bodyOf(await withDefault.handle(apiRequest({ path: '/files' })))).toMatchObject({ routeKey: 'GET /files' });
  });
});

describe('the event', () => {
  it('has payload format 2.0: joined values, cookies apart, text as it is and bytes in base64', async () => {
    const api = startApi({ routes: ['POST /a'] }, echo);
    const request = apiRequest({
      method: 'POST',
      path: '/a',
      query: 'q=1&q=2&name=%ED%95%9C',
      headers: { 'content-type': 'application/json', 'user-agent': 'test' },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from('{"a":"한"}'),
    });
    expect(bodyOf(await api.handle(request))).toMatchObject({
      version: '2.0',
      rawPath: '/a',
      rawQueryString: 'q=1&q=2&name=%ED%95%9C',
      queryStringParameters: { q: '1,2', name: '한' },
      cookies: ['a=1', 'b=2'],
      headers: { host: 'abcde12345.execute-api.ap-northeast-2.amazonaws.com', 'content-type': 'application/json' },
      body: '{"a":"한"}',
      isBase64Encoded: false,
      requestContext: {
        apiId: 'abcde12345',
        stage: '$default',
        routeKey: 'POST /a',
        http: { method: 'POST', path: '/a', sourceIp: '127.0.0.1', userAgent: 'test' },
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      },
    });
    const bytes = apiRequest({ method: 'POST', path: '/a', headers: { 'content-type': 'image/png' }, body: Buffer.from([0, 255]) });
    expect(bodyOf(await api.handle(bytes))).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
  });
});

describe('answers', () => {
  const answering = (answer: unknown) => startApi({ routes: ['GET /'] }, async () => answer);

  it('are taken as the handler shaped them, or are the body of a 200', async () => {
    const shaped = await answering({
      statusCode: 201,
      headers: { 'X-A': 1 },
      cookies: ['c=1'],
      body: 'AP8=',
      isBase64Encoded: true,
    }).handle(apiRequest());
    expect(shaped).toMatchObject({ status: 201, headers: { 'x-a': '1', 'set-cookie': ['c=1'] }, body: Buffer.from([0, 255]) });
    const plain = await answering({ a: 1 }).handle(apiRequest());
    expect([plain.status, plain.headers['content-type'], plain.body.toString()]).toEqual([200, 'application/json', '{"a":1}']);
  });

  it('are 500 in the service’s words when the function fails or answers no status', async () => {
    const told: unknown[] = [];
    const failing = startApi(
      { routes: ['GET /'] },
      async () => {
        throw new Error('the function broke');
      },
      (error) => told.push(error),
    );
    for (const api of [failing, answering({ statusCode: 'fine' })]) {
      const answer = await api.handle(apiRequest());
      expect([answer.status, answer.body.toString()]).toEqual([500, '{"message":"Internal Server Error"}']);
    }
    expect(told).toEqual([expect.objectContaining({ message: 'the function broke' })]);
  });

  it('are 503 when the integration’s time is over', async () => {
    const hanging = (_arn: string, _event: unknown, signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    const api = startApi({ routes: ['GET /'], integration: { TimeoutInMillis: 60 } }, hanging);
    const answer = await api.handle(apiRequest());
    expect([answer.status, answer.body.toString()]).toEqual([503, '{"message":"Service Unavailable"}']);
  });

  it('are 413 above 10 MB, and the function is not asked', async () => {
    let asked = 0;
    const api = startApi({ routes: ['POST /'] }, async () => ({ statusCode: 200 + asked++ }));
    const send = async (bytes: number) => (await api.handle(apiRequest({ method: 'POST', body: Buffer.alloc(bytes) }))).status;
    expect([await send(10 * 1024 * 1024), await send(10 * 1024 * 1024 + 1)]).toEqual([200, 413]);
    expect(asked).toBe(1);
  });

  it('are 429 beyond the stage’s burst', async () => {
    const api = startApi(
      { routes: ['GET /'], stage: { DefaultRouteSettings: { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 } } },
      echo,
    );
    const statuses = [];
    for (let sent = 0; sent < 3; sent++) statuses.push((await api.handle(apiRequest())).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('are throttled by the settings of their route alone where it has some', async () => {
    const api = startApi(
      {
        routes: ['GET /', 'POST /'],
        stage: {
          DefaultRouteSettings: { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 1 },
          RouteSettings: { 'POST /': { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 } },
        },
      },
      echo,
    );
    const statuses = [];
    for (const method of ['POST', 'POST', 'POST', 'GET', 'GET']) statuses.push((await api.handle(apiRequest({ method }))).status);
    expect(statuses).toEqual([200, 200, 429, 200, 429]);
  });

  it('have no settings for a route that is not there', () => {
    const settings = { 'PUT /': { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 } };
    expect(() => startApi({ routes: ['GET /'], stage: { RouteSettings: settings } }, echo)).toThrow(UnsupportedApiError);
  });
});

describe('the authorizer', () => {
  const template = { routes: ['GET /{id}'], authorizer: { AuthorizerResultTtlInSeconds: 60 } } satisfies ApiTemplate;
  const asking = (decide: (event: Event) => unknown, overrides: Partial<ApiTemplate> = {}) => {
    const asked: Event[] = [];
    const api = startApi({ ...template, ...overrides }, async (arn, event) => {
      if (arn === HANDLER_ARN) return echo(arn, event);
      expect(arn).toBe(AUTHORIZER_ARN);
      asked.push(event as Event);
      return decide(event as Event);
    });
    return { asked, send: (headers: Record<string, string>) => api.handle(apiRequest({ path: '/7', headers })) };
  };

  it('is not asked without its identity source: 401', async () => {
    const { asked, send } = asking(() => ({ isAuthorized: true }));
    const answer = await send({});
    expect([answer.status, answer.body.toString(), asked]).toEqual([401, '{"message":"Unauthorized"}', []]);
  });

  it('keeps others out with 403, and tells the function what it found of those it lets in', async () => {
    const { asked, send } = asking(({ identitySource }) => ({
      isAuthorized: (identitySource as string[])[0] === 'right',
      context: { of: 'cdn' },
    }));
    const refused = await send({ 'x-origin': 'wrong' });
    expect([refused.status, refused.body.toString()]).toEqual([403, '{"message":"Forbidden"}']);
    const event = bodyOf(await send({ 'x-origin': 'right' }));
    expect(event).toMatchObject({ requestContext: { authorizer: { lambda: { of: 'cdn' } } } });
    expect(asked[0]).toMatchObject({
      type: 'REQUEST',
      version: '2.0',
      routeKey: 'GET /{id}',
      routeArn: 'arn:aws:execute-api:ap-northeast-2:000000000000:abcde12345/$default/GET/7',
      pathParameters: { id: '7' },
    });
  });

  it('is asked once for an identity while its answer holds, and each time when it does not', async () => {
    const kept = asking(() => ({ isAuthorized: true }));
    for (const identity of ['a', 'a', 'b', 'a']) await kept.send({ 'x-origin': identity });
    expect(kept.asked).toHaveLength(2);
    const forgotten = asking(() => ({ isAuthorized: true }), { authorizer: { AuthorizerResultTtlInSeconds: 0 } });
    for (const identity of ['a', 'a']) await forgotten.send({ 'x-origin': identity });
    expect(forgotten.asked).toHaveLength(2);
  });

  it('is a 500 when its answer is no simple response', async () => {
    const { send } = asking(() => ({ policyDocument: {} }));
    expect((await send({ 'x-origin': 'a' })).status).toBe(500);
  });
});

describe('a template', () => {
  it.each<[string, Partial<ApiTemplate>]>([
    ['CorsConfiguration', { api: { CorsConfiguration: { AllowOrigins: ['*'] } } }],
    ['ProtocolType', { api: { ProtocolType: 'WEBSOCKET' } }],
    ['PayloadFormatVersion', { integration: { PayloadFormatVersion: '1.0' } }],
    ['IntegrationType', { integration: { IntegrationType: 'HTTP_PROXY' } }],
    ['RequestParameters', { integration: { RequestParameters: { 'overwrite:path': '/' } } }],
    ['TimeoutInMillis', { integration: { TimeoutInMillis: 30_001 } }],
    ['AuthorizationType', { route: { AuthorizationType: 'AWS_IAM' } }],
    ['Target', { route: { Target: 'integrations/gone' } }],
    ['StageVariables', { stage: { StageVariables: { a: '1' } } }],
    ['StageName', { stage: { StageName: 'v1' } }],
    ['DataTraceEnabled', { stage: { DefaultRouteSettings: { DataTraceEnabled: true } } }],
    ['AuthorizerType', { authorizer: { AuthorizerType: 'JWT' } }],
    ['EnableSimpleResponses', { authorizer: { EnableSimpleResponses: false } }],
    ['IdentitySource', { authorizer: { IdentitySource: ['$request.querystring.key'] } }],
    ['route key', { routes: ['FETCH /'] }],
    ['route key', { routes: ['GET /{rest+}/more'] }],
  ])('with another %s than is played here is refused by name', (name, overrides) => {
    const start = () => startApi({ routes: ['GET /'], ...overrides }, echo);
    expect(start).toThrow(UnsupportedApiError);
    expect(start).toThrow(name);
  });
});
