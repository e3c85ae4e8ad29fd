import { describe, expect, it } from 'vitest';
import { answer, type ConsoleRequest } from '../../lambdas/operations/console.ts';
import { RefusedRequestError } from '../../lambdas/operations/errors.ts';
import { quietRollout } from './rollout-sample.ts';
import { samplePage } from './sample-quarantine.ts';
import { sampleStatus, sampleVideo } from './sample-status.ts';

const failure = new Error('password authentication failed for user "linkpick"');

function request(rawPath: string, method = 'GET') {
  return { rawPath, requestContext: { http: { method } } };
}

function dependencies(overrides: Partial<Parameters<typeof answer>[1]> = {}) {
  return {
    readStatus: async () => sampleStatus(),
    readVideo: async ({ id }: { id: string }) => sampleVideo({ id }),
    readQuarantine: async () => samplePage(),
    retryRows: async () => ({ queued: 1, alreadyQueued: 0, left: 0 }),
    control: async () => ({ request: 'pause' as const, reason: null, since: '2026-11-22T17:04:30Z' }),
    startRepair: async () => ({ execution: 'repair-20261122T1704' }),
    readReport: async () => '<!doctype html>',
    rollout: quietRollout(),
    readPage: async (file: string) => `text of ${file}`,
    onCommand: () => {},
    onError: () => {},
    ...overrides,
  };
}

describe('the console', () => {
  it.each([
    ['/', 'text of index.html', 'text/html; charset=utf-8'],
    ['/page.js', 'text of page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text of page.css', 'text/css; charset=utf-8'],
  ])('serves %s, kept for a minute', async (path, body, type) => {
    const response = await answer(request(path), dependencies());
    expect(response).toMatchObject({ statusCode: 200, body });
    expect(response.headers).toMatchObject({ 'content-type': type, 'cache-control': 'public, max-age=60' });
  });

  it('lets the page load nothing from elsewhere and run no inline script', async () => {
    const { headers } = await answer(request('/'), dependencies());
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("media-src 'self' blob:");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('answers the status as JSON that is never kept', async () => {
    const response = await answer(request('/api/status'), dependencies());
    expect(response.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    expect(JSON.parse(response.body)).toEqual(sampleStatus());
  });

  it('answers one video by its id, and refuses a request that names none', async () => {
    const named = await answer({ ...request('/api/video'), rawQueryString: 'id=a%2Fb' }, dependencies());
    expect(named).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-store' } });
    expect(JSON.parse(named.body)).toEqual(sampleVideo({ id: 'a/b' }));
    for (const rawQueryString of ['', 'id=', 'video=a', `id=${'a'.repeat(201)}`]) {
      expect(await answer({ ...request('/api/video'), rawQueryString }, dependencies())).toMatchObject({ statusCode: 400 });
    }
  });

  it.each(['/index.html', '/page.ts', '/../package.json', '/api', '/api/status/', '/constructor', '/__proto__', ''])(
    'answers 404 as JSON for %j and reads nothing',
    async (path) => {
      const read = async () => {
        throw new Error('was read');
      };
      const response = await answer(request(path), dependencies({ readStatus: read, readPage: read }));
      expect(response).toMatchObject({ statusCode: 404, headers: { 'cache-control': 'no-store' } });
      expect(JSON.parse(response.body)).toEqual({ error: 'there is nothing at this path' });
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('answers 405 to %s and says what is allowed', async (method) => {
    const response = await answer(request('/api/status', method), dependencies());
    expect(response).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('answers HEAD like GET, without the body', async () => {
    const { body: _, ...get } = await answer(request('/'), dependencies());
    expect(await answer(request('/', 'HEAD'), dependencies())).toEqual({ ...get, body: '' });
  });

  it('answers 503 when the database does not, telling the log why and the reader nothing', async () => {
    const errors: unknown[] = [];
    const response = await answer(
      request('/api/status'),
      dependencies({ readStatus: () => Promise.reject(failure), onError: (error) => errors.push(error) }),
    );
    expect(response).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } });
    expect(response.body).not.toContain('password');
    expect(errors).toEqual([failure]);
  });
});

describe('the quarantine', () => {
  it('is asked for with its filters', async () => {
    const asked: unknown[] = [];
    const readQuarantine = async (query: unknown) => {
      asked.push(query);
      return samplePage();
    };
    const query = 'entity=video&reason=UNKNOWN_VALUE&after=video%3Ac1&limit=100';
    const response = await answer({ ...request('/api/quarantine'), rawQueryString: query }, dependencies({ readQuarantine }));
    expect(response).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-store' } });
    expect(JSON.parse(response.body)).toEqual(samplePage());
    await answer({ ...request('/api/quarantine'), rawQueryString: 'entity=&reason=&after=&limit=' }, dependencies({ readQuarantine }));
    expect(asked).toEqual([{ entity: 'video', reason: 'UNKNOWN_VALUE', after: 'video:c1', limit: 100 }, { limit: 50 }]);
  });

  it.each(['entity=campaign', 'reason=x', "reason=A'--", 'after=nothing', 'limit=0', 'limit=101', 'limit=many', 'order=asc'])(
    'answers 400 to %s and reads nothing',
    async (rawQueryString) => {
      const readQuarantine = async () => Promise.reject(new Error('was read'));
      const response = await answer({ ...request('/api/quarantine'), rawQueryString }, dependencies({ readQuarantine }));
      expect(response.statusCode).toBe(400);
      expect(JSON.parse(response.body).error).toMatch(/^the request does not fit: /);
    },
  );
});

describe('a report', () => {
  const run = '00000000-0000-4000-8000-000000000001';

  it('is a page of its own, which runs nothing and loads nothing', async () => {
    const asked: unknown[] = [];
    const readReport = async (query: unknown) => {
      asked.push(query);
      return '<!doctype html><p>보고서';
    };
    const response = await answer({ ...request('/api/report'), rawQueryString: `run=${run}` }, dependencies({ readReport }));
    expect(response).toMatchObject({ statusCode: 200, body: '<!doctype html><p>보고서' });
    expect(response.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    const policy = response.headers['content-security-policy']?.split('; ');
    expect(policy).toEqual(["default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'none'", 'sandbox']);
    expect(asked).toEqual([{ run }]);
  });

  it.each(['', 'run=', 'run=1', 'run=../../secrets', `run=${run}&key=daily-migration/x.html`])(
    'answers 400 to %j and reads nothing',
    async (rawQueryString) => {
      const readReport = async () => Promise.reject(new Error('was read'));
      expect(await answer({ ...request('/api/report'), rawQueryString }, dependencies({ readReport }))).toMatchObject({ statusCode: 400 });
    },
  );
});

/** A command as the page sends it. */
function command(rawPath: string, body: unknown, overrides: Partial<ConsoleRequest> = {}): ConsoleRequest {
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  return { ...request(rawPath, 'POST'), headers, body: JSON.stringify(body), ...overrides };
}

describe('a command', () => {
  it('puts rows on the change log and is logged with ids alone', async () => {
    const logged: unknown[] = [];
    const body = { entity: 'video', legacyIds: ['c1', 'c2'] };
    const response = await answer(
      command('/api/quarantine/retry', body),
      dependencies({ onCommand: (...facts) => void logged.push(facts) }),
    );
    expect(response).toMatchObject({ statusCode: 200, body: '{"queued":1,"alreadyQueued":0,"left":0}' });
    expect(logged).toEqual([['retry', { ...body, queued: 1, alreadyQueued: 0, left: 0 }]]);
  });

  it('pauses with a reason, which is not logged', async () => {
    const logged: unknown[] = [];
    const asked: unknown[] = [];
    const response = await answer(
      command('/api/control', { action: 'pause', reason: ' 홍길동이 부탁함 ' }),
      dependencies({
        control: async (input) => {
          asked.push(input);
          return { request: 'pause', reason: null, since: '2026-11-22T17:04:30Z' };
        },
        onCommand: (...facts) => void logged.push(facts),
      }),
    );
    expect(response.statusCode).toBe(200);
    expect(asked).toEqual([{ action: 'pause', reason: '홍길동이 부탁함' }]);
    expect(logged).toEqual([['control', { action: 'pause' }]]);
  });

  it('starts a repair, and is logged', async () => {
    const logged: unknown[] = [];
    const response = await answer(
      command('/api/runs', { repair: true }),
      dependencies({ onCommand: (...facts) => void logged.push(facts) }),
    );
    expect(response).toMatchObject({ statusCode: 202, body: '{"execution":"repair-20261122T1704"}' });
    expect(logged).toEqual([['repair', { execution: 'repair-20261122T1704' }]]);
  });

  it('is taken as base64 too, which a function URL may make of it', async () => {
    const body = Buffer.from(JSON.stringify({ action: 'resume' })).toString('base64');
    const response = await answer(command('/api/control', {}, { body, isBase64Encoded: true }), dependencies());
    expect(response.statusCode).toBe(200);
  });

  const never = async () => Promise.reject(new Error('was carried out'));
  const refused = (request: ConsoleRequest) => answer(request, dependencies({ retryRows: never, control: never, startRepair: never }));

  it.each(['cross-site', 'same-site', 'none', undefined])('is refused when the browser says it comes from elsewhere (%s)', async (site) => {
    for (const path of ['/api/control', '/api/quarantine/retry', '/api/runs']) {
      const headers = { 'content-type': 'application/json', 'sec-fetch-site': site };
      expect(await refused(command(path, { action: 'pause' }, { headers }))).toMatchObject({ statusCode: 403 });
    }
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', undefined])(
    'is refused with a content type that a form of another site may send (%s)',
    async (type) => {
      const headers = { 'sec-fetch-site': 'same-origin', 'content-type': type };
      expect(await refused(command('/api/control', { action: 'pause' }, { headers }))).toMatchObject({ statusCode: 415 });
    },
  );

  it.each([
    ['/api/control', {}],
    ['/api/control', { action: 'stop' }],
    ['/api/control', { action: 'pause', reason: 'r'.repeat(501) }],
    ['/api/control', { action: 'pause', by: 'me' }],
    ['/api/control', []],
    ['/api/runs', {}],
    ['/api/runs', { repair: false }],
    ['/api/runs', { repair: true, dailyLimit: 5 }],
    ['/api/quarantine/retry', { entity: 'video' }],
    ['/api/quarantine/retry', { entity: 'nothing', legacyIds: ['c1'] }],
    ['/api/quarantine/retry', { entity: 'video', legacyIds: [] }],
    ['/api/quarantine/retry', { entity: 'video', legacyIds: Array.from({ length: 101 }, (_, index) => `c${index}`) }],
    ['/api/quarantine/retry', { entity: 'video', legacyIds: ['c'.repeat(3_001)] }],
    ['/api/quarantine/retry', { entity: 'video', legacyIds: ['c1'], reason: 'UNKNOWN_VALUE' }],
  ])('is refused when it does not fit: %s %j', async (path, body) => {
    expect(await refused(command(path, body))).toMatchObject({ statusCode: 400 });
  });

  it('is refused when it is no JSON or too large', async () => {
    expect(await refused(command('/api/control', {}, { body: '{' }))).toMatchObject({ statusCode: 400 });
    expect(await refused(command('/api/control', {}, { body: undefined }))).toMatchObject({ statusCode: 400 });
    expect(await refused(command('/api/control', { reason: 'r'.repeat(20_000) }))).toMatchObject({ statusCode: 413 });
  });

  it('answers what refused it', async () => {
    const control = async () => Promise.reject(new RefusedRequestError(409, 'no run is at work'));
    const response = await answer(command('/api/control', { action: 'cancel' }), dependencies({ control }));
    expect(response).toMatchObject({ statusCode: 409, body: '{"error":"no run is at work"}' });
  });

  it.each([
    ['/api/control', 'GET', 'POST'],
    ['/api/quarantine/retry', 'OPTIONS', 'POST'],
    ['/api/quarantine', 'POST', 'GET, HEAD'],
    ['/api/report', 'POST', 'GET, HEAD'],
    ['/api/runs', 'GET', 'POST'],
    ['/', 'POST', 'GET, HEAD'],
  ])('%s answers 405 to %s', async (path, method, allow) => {
    expect(await answer(request(path, method), dependencies())).toMatchObject({ statusCode: 405, headers: { allow } });
  });
});
