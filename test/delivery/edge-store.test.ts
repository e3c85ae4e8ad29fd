import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteKeyCommand,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  ListKeysCommand,
  PutKeyCommand,
  UpdateKeysCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
import { describe, expect, it, onTestFinished } from 'vitest';
import { planHidden } from '../../lambdas/delivery/hide-videos.ts';
import { RouteViewersInput, routeViewers } from '../../lambdas/delivery/route-viewers.ts';
import { STORE_ARN } from './distribution.ts';
import { startEdge } from './local-edge.ts';

const KvsARN = STORE_ARN;

describe('the data API', () => {
  it('describes, puts, gets, lists and deletes, each write under the ETag of the one before', async () => {
    const { client } = await startEdge();
    const described = await client.send(new DescribeKeyValueStoreCommand({ KvsARN }));
    expect(described).toMatchObject({ ItemCount: 0, TotalSizeInBytes: 0, KvsARN, Status: 'READY', ETag: expect.any(String) });
    const put = await client.send(new PutKeyCommand({ KvsARN, Key: 'private/한', Value: '1', IfMatch: described.ETag }));
    expect(put).toMatchObject({ ItemCount: 1, TotalSizeInBytes: 12 });
    expect(put.ETag).not.toBe(described.ETag);
    expect(await client.send(new GetKeyCommand({ KvsARN, Key: 'private/한' }))).toMatchObject({ Key: 'private/한', Value: '1' });
    const deleted = await client.send(new DeleteKeyCommand({ KvsARN, Key: 'private/한', IfMatch: put.ETag }));
    expect(deleted).toMatchObject({ ItemCount: 0 });
    await expect(client.send(new GetKeyCommand({ KvsARN, Key: 'private/한' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('lists in pages of at most fifty', async () => {
    const { client, held } = await startEdge();
    const keys = Array.from({ length: 60 }, (_, index) => `k${String(index).padStart(2, '0')}`);
    held.change({ puts: keys.map((Key) => ({ Key, Value: 'v' })), deletes: [] }, held.etag);
    const first = await client.send(new ListKeysCommand({ KvsARN, MaxResults: 50 }));
    const second = await client.send(new ListKeysCommand({ KvsARN, MaxResults: 50, NextToken: first.NextToken }));
    expect([...(first.Items ?? []), ...(second.Items ?? [])].map(({ Key }) => Key)).toEqual(keys);
    expect(second.NextToken).toBeUndefined();
  });

  it('refuses a write under another ETag, and changes nothing', async () => {
    const { client, held } = await startEdge();
    const stale = held.etag;
    held.change({ puts: [{ Key: 'a', Value: '1' }], deletes: [] }, stale);
    const write = new UpdateKeysCommand({ KvsARN, IfMatch: stale, Puts: [{ Key: 'a', Value: '2' }], Deletes: [] });
    await expect(client.send(write)).rejects.toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
    expect(held.get('a')).toBe('1');
  });

  it.each([
    ['a key of more than 512 bytes', { Puts: [{ Key: 'k'.repeat(513), Value: 'v' }] }, 'ValidationException'],
    ['a value of more than 1 KiB', { Puts: [{ Key: 'k', Value: 'v'.repeat(1025) }] }, 'ValidationException'],
    ['more than fifty keys', { Puts: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: 'v' })) }, 'ValidationException'],
    ['the removal of what is not there', { Puts: [{ Key: 'k', Value: 'v' }], Deletes: [{ Key: 'none' }] }, 'ResourceNotFoundException'],
  ])('refuses %s as a whole', async (_, changes, name) => {
    const { client, held } = await startEdge();
    await expect(client.send(new UpdateKeysCommand({ KvsARN, IfMatch: held.etag, ...changes }))).rejects.toMatchObject({ name });
    expect(held.keys()).toEqual([]);
  });

  it('takes no signature for one region', async () => {
    const { endpoint } = await startEdge();
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/ap-northeast-2/cloudfront-keyvaluestore/aws4_request, Signature=00';
    const answer = await fetch(`${endpoint}/key-value-stores/${encodeURIComponent(KvsARN)}`, { headers: { authorization } });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
  });

  it('knows no other store', async () => {
    const { client } = await startEdge();
    await expect(client.send(new DescribeKeyValueStoreCommand({ KvsARN: `${STORE_ARN}-other` }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('keeps what it holds between runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'videopick-edge-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'edge', 'store.json');
    await (await startEdge(file)).store.update({ puts: [{ key: 'use_legacy_routes', value: 'true' }], deletes: [] });
    expect(await (await startEdge(file)).store.get('use_legacy_routes')).toBe('true');
  });
});

describe('our side of it', () => {
  it('writes any number of keys, fifty at a time, and lists those of a prefix', async () => {
    const { store, held } = await startEdge();
    const keys = Array.from({ length: 120 }, (_, index) => `private/${String(index).padStart(3, '0')}`);
    await store.update({ puts: [...keys, 'use_legacy_routes'].map((key) => ({ key, value: '1' })), deletes: [] });
    expect(await store.keys('private/')).toEqual(keys);
    await store.update({ puts: [], deletes: keys });
    expect(held.keys()).toEqual(['use_legacy_routes']);
  });

  it('goes on from the new state when another writer was first, and loses neither write', async () => {
    const edge = await startEdge();
    let interruptions = 2;
    edge.onRequest = ({ method }) => {
      if (method !== 'POST' || interruptions-- <= 0) return;
      edge.held.change({ puts: [{ Key: `other-${interruptions}`, Value: '1' }], deletes: [] }, edge.held.etag);
    };
    await edge.store.update({ puts: [{ key: 'ours', value: '1' }], deletes: [] });
    expect(edge.held.keys()).toEqual(['other-0', 'other-1', 'ours']);
  });

  it('gives up by name when others never stop', async () => {
    const edge = await startEdge();
    edge.onRequest = ({ method }) => {
      if (method === 'POST') edge.held.change({ puts: [{ Key: 'other', Value: String(Math.random()) }], deletes: [] }, edge.held.etag);
    };
    await expect(edge.store.update({ puts: [{ key: 'ours', value: '1' }], deletes: [] })).rejects.toMatchObject({ name: 'StoreBusyError' });
    expect(edge.held.get('ours')).toBeUndefined();
  });
});

describe('route-viewers', () => {
  it('answers what was and what is, and writes only when they differ', async () => {
    const { store, held } = await startEdge();
    const route = (useLegacyRoutes: boolean) => routeViewers({ useLegacyRoutes, reason: 'a test' }, { store });
    expect(await route(false)).toEqual({ before: { useLegacyRoutes: false }, after: { useLegacyRoutes: false } });
    expect(held.keys()).toEqual([]);
    expect(await route(true)).toEqual({ before: { useLegacyRoutes: false }, after: { useLegacyRoutes: true } });
    const { etag } = held;
    expect(await route(true)).toEqual({ before: { useLegacyRoutes: true }, after: { useLegacyRoutes: true } });
    expect(held.etag).toBe(etag);
    expect(await route(false)).toEqual({ before: { useLegacyRoutes: true }, after: { useLegacyRoutes: false } });
    expect(held.get('use_legacy_routes')).toBe('false');
  });

  it.each([{}, { useLegacyRoutes: 'true', reason: 'x' }, { useLegacyRoutes: true }, { useLegacyRoutes: true, reason: ' ' }])(
    'takes no %j',
    (input) => {
      expect(RouteViewersInput.safeParse(input).success).toBe(false);
    },
  );
});

it('plans to hide what is private and not hidden, and to show what is hidden and not private', () => {
  expect(planHidden(['a', 'b'], ['private/b', 'private/c'])).toEqual({ hide: ['private/a'], show: ['private/c'] });
  expect(planHidden([], [])).toEqual({ hide: [], show: [] });
});
