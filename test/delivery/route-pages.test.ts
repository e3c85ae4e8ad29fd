import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
import { LEGACY_ORIGIN_ID, pageRouter } from '../../lib/delivery/page-router.ts';
import { type AskHttp, httpOrigin } from '../../local/cloudfront/http-origin.ts';
import { ALL_VIEWER_EXCEPT_HOST, API_DOMAIN, send, startCloudFront, VIDEOS_DOMAIN } from '../cloudfront/local-cloudfront.ts';
import { delivery, functionsOf, STORE_ARN, startLegacySite, store } from './distribution.ts';

const LEGACY_DOMAIN = 'origin.linkpick.example';
const CONSOLE = { statusCode: 200, body: 'console' };
const EVERYBODY = ['127.0.0.0/8'];
const NOBODY = ['10.0.0.0/8'];

interface Setting {
  readonly operators?: readonly string[];
  readonly config?: Parameters<typeof delivery>[0];
  readonly pairs?: Readonly<Record<string, string>>;
  /** @default one that answers */
  readonly site?: AskHttp;
}

/** The console with the router before it, media beside it, LinkPick's site behind the switch. */
async function start({ operators = EVERYBODY, config = {}, pairs = {}, ...options }: Setting = {}) {
  const site = await startLegacySite();
  const edge = store(pairs);
  const [router] = functionsOf((stack, keyValues) => {
    const legacy = { origin: LEGACY_DOMAIN, paths: ['/campaigns*', '/login', '/api/auth/*'] };
    pageRouter(
      stack,
      'Router',
      { ...readEnvironment('dev'), delivery: delivery({ legacy, ...config }), operatorNetworks: [...operators] },
      keyValues,
    );
  }).values();
  if (router === undefined) throw new Error('the stack has no function, expected the router');
  const FunctionAssociations = [{ EventType: 'viewer-request', FunctionARN: 'arn:router' }];
  const AllowedMethods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'];
  const toConsole = { TargetOriginId: 'api', OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST, AllowedMethods, FunctionAssociations };
  const events: unknown[] = [];
  const cdn = await startCloudFront({
    distribution: {
      DistributionConfig: {
        Enabled: true,
        Origins: [
          { Id: 'videos', DomainName: VIDEOS_DOMAIN },
          { Id: 'api', DomainName: API_DOMAIN, OriginAccessControlId: 'E1' },
          { Id: LEGACY_ORIGIN_ID, DomainName: LEGACY_DOMAIN },
        ],
        DefaultCacheBehavior: toConsole,
        CacheBehaviors: [
          { ...toConsole, PathPattern: 'api/*' },
          { PathPattern: 'encoded/*', TargetOriginId: 'videos' },
        ],
      },
    },
    functions: new Map([['arn:router', router]]),
    keyValueStores: new Map([[STORE_ARN, edge]]),
    furtherOrigins: { [LEGACY_DOMAIN]: { kind: 'http', ask: options.site ?? site.ask } },
    invoke: async (event) => {
      events.push(event);
      return CONSOLE;
    },
  });
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const { status, headers: answered, body } = await send(cdn.url, path, headers, method);
    return {
      status,
      location: answered.location,
      cache: answered['cache-control'],
      body: body.toString(),
      cookies: answered['set-cookie'],
    };
  };
  return { ...site, edge, events, cdn, get };
}

describe('with use_legacy_routes on', () => {
  const pairs = { use_legacy_routes: 'true' };

  it('asks LinkPick’s site for a page with its path, query and cookies, under its own name, and says which one the viewer typed', async () => {
    const { get, heard, events } = await start({ pairs });
    const answer = await get('/campaigns/%ED%95%9C?sort=new&tag=a&tag=b', { cookie: 'session=1; theme=dark', host: 'localhost:80' });
    expect(answer).toMatchObject({ status: 200, body: '<h1>LinkPick</h1>', cookies: ['session=1; Path=/', 'theme=dark'] });
    expect(heard).toEqual([expect.objectContaining({ method: 'GET', url: '/campaigns/%ED%95%9C?sort=new&tag=a&tag=b' })]);
    expect(heard[0]?.headers).toMatchObject({ host: LEGACY_DOMAIN, cookie: 'session=1; theme=dark', 'x-forwarded-host': 'localhost:80' });
    expect(events).toEqual([]);
  });

  it('keeps the console for operators, but not LinkPick’s own paths', async () => {
    const { get, heard } = await start({ pairs });
    expect((await get('/')).body).toBe('console');
    expect((await get('/login')).body).toBe('<h1>LinkPick</h1>');
    expect(heard.map(({ url }) => url)).toEqual(['/login']);
  });

  it('sends everybody else’s pages there, whatever their path, but no command or data of the console', async () => {
    const { get, heard } = await start({ pairs, operators: NOBODY });
    for (const path of ['/', '/anything', '/campaigns']) expect((await get(path)).body, path).toBe('<h1>LinkPick</h1>');
    expect((await get('/api/status')).status).toBe(403);
    expect((await get('/api/control', { origin: 'http://127.0.0.1' }, 'POST')).status).toBe(403);
    expect(heard.map(({ url }) => url)).toEqual(['/', '/anything', '/campaigns']);
  });

  it('passes commands to LinkPick’s own API, bodies and all', async () => {
    const { cdn, heard } = await start({ pairs, operators: NOBODY });
    const answer = await fetch(`${cdn.url}/api/auth/callback?x=1`, { method: 'POST', body: 'token=abc' });
    expect(await answer.text()).toBe('<h1>LinkPick</h1>');
    expect(heard).toMatchObject([{ method: 'POST', url: '/api/auth/callback?x=1', body: 'token=abc' }]);
  });

  it.each([
    ['of its own, whoever sends them', '/campaigns/new', EVERYBODY],
    ['that nobody has listed, from everybody but operators', '/reviews?step=2', NOBODY],
  ])('passes forms to LinkPick’s pages %s', async (_, path, operators) => {
    const { cdn, heard, events } = await start({ pairs, operators });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: cdn.url };
    const answer = await fetch(cdn.url + path, { method: 'POST', headers, body: 'title=%EB%B4%84' });
    expect(await answer.text()).toBe('<h1>LinkPick</h1>');
    expect(heard).toMatchObject([{ method: 'POST', url: path, body: 'title=%EB%B4%84', headers: { origin: cdn.url } }]);
    expect(events).toEqual([]);
  });

  it('keeps media playing from where it was', async () => {
    const { get, cdn, heard } = await start({ pairs, operators: NOBODY });
    await cdn.put('encoded/v1/abc/index.m3u8', '#EXTM3U');
    expect((await get('/encoded/v1/abc/index.m3u8')).body).toBe('#EXTM3U');
    expect(heard).toEqual([]);
  });

  it('answers 502 to pages when the site is away, and goes on with media and the console', async () => {
    const { get, cdn } = await start({ pairs, site: httpOrigin('http://127.0.0.1:9') });
    await cdn.put('encoded/v1/abc/index.m3u8', '#EXTM3U');
    expect((await get('/campaigns')).status).toBe(502);
    expect((await get('/encoded/v1/abc/index.m3u8')).status).toBe(200);
    expect((await get('/')).body).toBe('console');
  });

  it('is nothing to an environment without a legacy site', async () => {
    const { get } = await start({ pairs, config: { legacy: undefined } });
    expect((await get('/campaigns')).body).toBe('console');
  });
});

describe('the switch', () => {
  it('is off without its key, and takes effect with the next request', async () => {
    const { get, edge, heard } = await start({ operators: NOBODY });
    expect((await get('/campaigns')).status).toBe(403);
    edge.put('use_legacy_routes', 'true');
    expect((await get('/campaigns')).body).toBe('<h1>LinkPick</h1>');
    edge.put('use_legacy_routes', 'false');
    expect((await get('/campaigns')).status).toBe(403);
    expect(heard).toHaveLength(1);
  });
});

describe('an old domain', () => {
  const config = { domains: ['videopick.example'], oldDomains: ['localhost'] };

  it.each([
    ['/', '/'],
    ['/a%20b?x=1&x=2&y=%EA%B0%80&flag', '/a%20b?x=1&x=2&y=%EA%B0%80&flag'],
  ])('leads from %s to the new one for five minutes', async (path, expected) => {
    const { get } = await start({ config });
    expect(await get(path, { host: 'LocalHost' })).toMatchObject({
      status: 301,
      location: `https://videopick.example${expected}`,
      cache: 'public, max-age=300',
    });
  });

  it('still serves media, data and commands itself', async () => {
    const { get, cdn } = await start({ config });
    await cdn.put('encoded/v1/abc/index.m3u8', '#EXTM3U');
    expect((await get('/encoded/v1/abc/index.m3u8', { host: 'localhost' })).status).toBe(200);
    expect((await get('/api/status', { host: 'localhost' })).body).toBe('console');
    expect((await get('/api/control', { host: 'localhost', origin: 'http://localhost' }, 'POST')).body).toBe('console');
  });

  it('leads nobody away who sends a form', async () => {
    const { get, events } = await start({ config, operators: NOBODY });
    expect(await get('/campaigns', { host: 'localhost', origin: 'http://localhost' }, 'POST')).toMatchObject({
      status: 403,
      location: undefined,
    });
    expect(events).toEqual([]);
  });

  it('is LinkPick’s again while the switch is on, instead of leading away from it', async () => {
    const { get } = await start({ config, pairs: { use_legacy_routes: 'true' }, operators: NOBODY });
    expect((await get('/campaigns', { host: 'localhost' })).body).toBe('<h1>LinkPick</h1>');
  });

  it('is told apart from names that only look like it', async () => {
    const { get } = await start({ config: { domains: ['videopick.example'], oldDomains: ['127.0.0.1.example'] } });
    expect((await get('/')).body).toBe('console');
  });
});

it('lets a form pass to nobody while the switch is off', async () => {
  const { get, heard, events } = await start({ operators: NOBODY });
  expect((await get('/campaigns', { origin: 'http://127.0.0.1' }, 'POST')).status).toBe(403);
  expect([heard, events]).toEqual([[], []]);
});

it('lets a command of another site pass to nobody', async () => {
  const { get, events } = await start();
  expect((await get('/api/control', { origin: 'https://evil.example' }, 'POST')).status).toBe(403);
  expect(events).toEqual([]);
});
