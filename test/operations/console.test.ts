import { describe, expect, it } from 'vitest';
import { answer } from '../../lambdas/operations/console.ts';
import { sampleStatus } from './sample-status.ts';

const failure = new Error('password authentication failed for user "linkpick"');

function request(rawPath: string, method = 'GET') {
  return { rawPath, requestContext: { http: { method } } };
}

function dependencies(overrides: Partial<Parameters<typeof answer>[1]> = {}) {
  return {
    readStatus: async () => sampleStatus(),
    readPage: async (file: string) => `text of ${file}`,
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
