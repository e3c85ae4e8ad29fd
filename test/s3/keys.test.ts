import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listPage } from '../../local/s3/list-objects.ts';
import { BUCKET, type LocalS3, rawHeaders, startS3, temporaryDirectory } from './local-s3.ts';

/** Sends the path as it is; fetch would resolve its dots. */
function send({ endpoint }: LocalS3, method: 'PUT' | 'GET', path: string, body = ''): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(endpoint);
  const headers = rawHeaders({ 'content-length': String(Buffer.byteLength(body)) });
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() });
    });
    sent.on('error', reject).end(body);
  });
}

const hostile = fc.constantFrom(
  '..',
  '.',
  '',
  '%2e%2e',
  '%2E.',
  '..%2f',
  '%2F',
  '%5c..',
  '..%00',
  '%00',
  '%25',
  '._S3rver_object',
  'a',
  '가'.repeat(80),
);
const segment = fc.oneof(
  hostile,
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(encode),
  fc.string({ minLength: 250, maxLength: 300 }).map(encode),
);

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

it('keeps every key inside the directory and apart from every other', async () => {
  const root = await temporaryDirectory();
  const s3 = await startS3({ directory: join(root, 's3') });
  const stored = new Map<string, string>();
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 6 }), fc.uuid(), async (segments, content) => {
      const path = `/${BUCKET}/${segments.map((part) => part.replace(/[^\x21-\x7e]/g, encode)).join('/')}`;
      const key = decodeURIComponent(path.slice(BUCKET.length + 2));
      const { status, body } = await send(s3, 'PUT', path, content);
      if (key === '') expect(body).toContain('NotImplemented');
      else if (Buffer.byteLength(key) > 1024) expect(body).toContain('<Code>KeyTooLongError</Code>');
      else {
        expect(status).toBe(200);
        stored.set(key, content);
        expect(await send(s3, 'GET', path)).toEqual({ status: 200, body: content });
      }
    }),
    { numRuns: 300, endOnFailure: true },
  );
  for (const [key, content] of stored) {
    expect(await send(s3, 'GET', `/${BUCKET}/${encodeURIComponent(key)}`)).toEqual({ status: 200, body: content });
  }
  expect(readdirSync(root)).toEqual(['s3']);
  expect(readdirSync(join(root, 's3')).sort()).toEqual(['videopick-static', BUCKET].sort());
  expect(readdirSync(join(root, 's3', BUCKET)).sort()).toEqual(['content', 'records', 'uploads']);
  expect(readdirSync(join(root, 's3', BUCKET, 'records'))).toHaveLength(stored.size);
  expect(new Set(s3.created.map(({ key }) => key))).toEqual(new Set(stored.keys()));
});

it.each(['/../etc/passwd', '/%2e%2e/etc/passwd', '/..%2fetc/passwd', '/%00/x', `/${BUCKET}%2f../x`])(
  'knows no bucket in %s',
  async (path) => {
    const s3 = await startS3();
    expect(await send(s3, 'GET', path)).toMatchObject({ status: 404, body: expect.stringContaining('<Code>NoSuchBucket</Code>') });
  },
);

it('refuses a key that is not UTF-8', async () => {
  const s3 = await startS3();
  expect(await send(s3, 'PUT', `/${BUCKET}/%ff%fe`, 'x')).toMatchObject({
    status: 400,
    body: expect.stringContaining('<Code>InvalidURI</Code>'),
  });
});

it('lists page by page what one look at all keys gives', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', '가', '😀', '\uffee'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 30 }),
      fc.constantFrom('', 'a', 'a/', '/'),
      fc.constantFrom('', '/', 'ab'),
      fc.integer({ min: 1, max: 5 }),
      (all, prefix, delimiter, maxKeys) => {
        const sorted = [...all].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const fitting = sorted.filter((name) => name.startsWith(prefix));
        const cut = (name: string) => (delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length));
        const prefixes = new Set(fitting.filter((name) => cut(name) !== -1).map((name) => name.slice(0, cut(name) + delimiter.length)));
        const found = { keys: [] as string[], prefixes: [] as string[] };
        for (let after: string | undefined = '', pages = 0; after !== undefined; pages++) {
          const page = listPage(sorted, { prefix, delimiter, after, maxKeys });
          expect(page.keys.length + page.commonPrefixes.length).toBeLessThanOrEqual(maxKeys);
          found.keys.push(...page.keys);
          found.prefixes.push(...page.commonPrefixes);
          after = page.next;
          expect(pages).toBeLessThan(100);
        }
        expect(found.keys).toEqual(fitting.filter((name) => cut(name) === -1));
        expect(found.prefixes).toEqual([...prefixes]);
      },
    ),
    { numRuns: 500 },
  );
});

it('lists with the SDK: order, folders, pages, and keys that XML has to escape', async () => {
  const s3 = await startS3();
  const keys = ['a-b', 'a/1', 'a/2', 'a&<b>', '한글', 'z'];
  for (const key of keys) await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
  const found: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Delimiter: '/', MaxKeys: 2, ContinuationToken }));
    found.push(...(page.Contents ?? []).map(({ Key }) => Key), ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(found).toEqual(['a&<b>', 'a-b', 'z', 'a/', '한글']);
  const under = await s3.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'a/', StartAfter: 'a/1', EncodingType: 'url' }));
  expect(under).toMatchObject({ KeyCount: 1, IsTruncated: false, Contents: [{ Key: 'a/2', Size: 3 }] });
});
