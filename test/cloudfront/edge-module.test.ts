import { expect, it } from 'vitest';
import { distribution, send, startCloudFront, VIDEOS_DOMAIN } from './local-cloudfront.ts';

const ARN = 'arn:aws:cloudfront::123456789012:function/edge';
const STORE = 'arn:aws:cloudfront::123456789012:key-value-store/one';
const IMPORT = `import cf from 'cloudfront';\n`;

function start(
  code: string,
  { eventType = 'viewer-request', stores = [STORE], config = {} }: { eventType?: string; stores?: string[]; config?: object } = {},
) {
  const pairs: Readonly<Record<string, string>> = { color: 'blue', numbers: '[1,2]' };
  return startCloudFront({
    distribution: distribution(config, { FunctionAssociations: [{ EventType: eventType, FunctionARN: ARN }] }),
    functions: new Map([
      [
        ARN,
        {
          Name: 'edge',
          FunctionCode: code,
          FunctionConfig: {
            Runtime: 'cloudfront-js-2.0',
            KeyValueStoreAssociations: stores.map((arn) => ({ KeyValueStoreARN: arn })),
          },
        },
      ],
    ]),
    keyValueStores: new Map([[STORE, { get: (key) => pairs[key] }]]),
  });
}

it('reads the key-value store: texts, JSON, whether a key is there', async () => {
  const cdn = await start(`${IMPORT}const kvs = cf.kvs();
    async function handler() {
      const numbers = await kvs.get('numbers', { format: 'json' });
      return { statusCode: 200, body: [await kvs.get('color'), numbers[1], await kvs.exists('color'), await kvs.exists('none')].join() };
    }`);
  expect((await send(cdn.url, '/k')).body.toString()).toBe('blue,2,true,false');
});

it('throws for a missing key, which a function may catch', async () => {
  const caught = await start(`${IMPORT}async function handler() {
    try { await cf.kvs().get('none'); } catch (error) { return { statusCode: 200, body: 'caught' }; }
  }`);
  expect((await send(caught.url, '/k')).body.toString()).toBe('caught');
  const thrown = await start(`${IMPORT}async function handler() { return { statusCode: 200, body: await cf.kvs().get('none') }; }`);
  expect((await send(thrown.url, '/k')).status).toBe(503);
});

it.each(['__read', 'cf.kvs().get.constructor("return process")()', 'cf.kvs.constructor("return this")().process.pid'])(
  'gives no way out of the context: %s',
  async (expression) => {
    const cdn = await start(`${IMPORT}function handler() {
    let found; try { found = String(${expression}); } catch (error) { found = 'undefined'; }
    return { statusCode: 200, body: found };
  }`);
    expect((await send(cdn.url, '/k')).body.toString()).toBe('undefined');
  },
);

it.each([
  ['a store that is not in the template', [`${STORE}-other`]],
  ['two stores', [STORE, STORE]],
])('is refused at start with %s', async (_, stores) => {
  await expect(start(`${IMPORT}function handler() {}`, { stores })).rejects.toMatchObject({ name: 'UnsupportedDistributionError' });
});

it('has no store when none is associated', async () => {
  await expect(start(`${IMPORT}const kvs = cf.kvs(); function handler() {}`, { stores: [] })).rejects.toThrow('no key value store');
});

it('goes to the origin that the function selected, for that request alone', async () => {
  const cdn = await start(
    `${IMPORT}function handler(event) { if (event.request.uri === '/moved/k') cf.selectRequestOriginById('other'); return event.request; }`,
    {
      config: {
        Origins: [
          { Id: 'videos', DomainName: VIDEOS_DOMAIN },
          { Id: 'other', DomainName: VIDEOS_DOMAIN, OriginPath: '/elsewhere' },
          { Id: 'api', DomainName: VIDEOS_DOMAIN },
        ],
      },
    },
  );
  await cdn.put('elsewhere/moved/k', 'other');
  await cdn.put('k', 'videos');
  expect([(await send(cdn.url, '/moved/k')).body.toString(), (await send(cdn.url, '/k')).body.toString()]).toEqual(['other', 'videos']);
});

it('answers 502 when the function selects an origin that is not there', async () => {
  const cdn = await start(`${IMPORT}function handler(event) { cf.selectRequestOriginById('none'); return event.request; }`);
  expect((await send(cdn.url, '/k')).status).toBe(502);
  expect(cdn.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('"none"') })]);
});

it('changes the headers of an answer on its way out, but not what failed', async () => {
  const cdn = await start(
    `function handler(event) {
      event.response.headers['x-seen'] = { value: event.request.uri + event.response.statusCode };
      event.response.cookies.a = { value: '1', attributes: 'Path=/' };
      delete event.response.headers.etag;
      return event.response;
    }`,
    { eventType: 'viewer-response', stores: [] },
  );
  await cdn.put('k', 'content');
  const found = await send(cdn.url, '/k');
  expect([found.status, found.headers['x-seen'], found.headers['set-cookie'], found.body.toString()]).toEqual([
    200,
    '/k200',
    ['a=1; Path=/'],
    'content',
  ]);
  expect(found.headers).not.toHaveProperty('etag');
  expect((await send(cdn.url, '/none')).headers).not.toHaveProperty('x-seen');
});

it.each([
  ['throws', 'throw new Error("oops");'],
  ['changes the status', 'event.response.statusCode = 404; return event.response;'],
  ['returns nothing', ''],
])('answers 503 when a function for responses %s', async (_, body) => {
  const cdn = await start(`function handler(event) { ${body} }`, { eventType: 'viewer-response', stores: [] });
  await cdn.put('k', 'content');
  expect((await send(cdn.url, '/k')).status).toBe(503);
});
