import { request } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, type LocalS3, rawHeaders, startS3 } from './local-s3.ts';

const put = (s3: LocalS3, key: string, body: string | Buffer | Readable, more: object = {}) =>
  s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body, ...more }));

async function text(s3: LocalS3, key: string, more: object = {}): Promise<string> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, ...more }));
  return (await Body?.transformToString()) ?? '';
}

describe('one object', () => {
  it('keeps the bytes, the type, the metadata and the checksum', async () => {
    const s3 = await startS3();
    const { ETag } = await put(s3, 'a/b.txt', 'hello', { ContentType: 'text/plain', CacheControl: 'no-store', Metadata: { owner: 'kim' } });
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'a/b.txt', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ContentLength: 5, ContentType: 'text/plain', CacheControl: 'no-store', Metadata: { owner: 'kim' }, ETag });
    expect(head.ChecksumCRC32).toBe('NhCmhg==');
    expect(await text(s3, 'a/b.txt')).toBe('hello');
  });

  it('takes a stream with a trailing checksum and stores it without its framing', async () => {
    const s3 = await startS3();
    const content = Buffer.alloc(3_000_001, 'framing');
    const parts = [content.subarray(0, 10), content.subarray(10, 1_500_000), content.subarray(1_500_000)];
    await put(s3, 'stream', Readable.from(parts), { ContentLength: content.length });
    const { Body, ContentEncoding } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'stream' }));
    expect(Buffer.compare(Buffer.from((await Body?.transformToByteArray()) ?? []), content)).toBe(0);
    expect(ContentEncoding).toBeUndefined();
  });

  it.each([
    ['bytes=0-0', 'h', 'bytes 0-0/5'],
    ['bytes=1-3', 'ell', 'bytes 1-3/5'],
    ['bytes=3-', 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 'lo', 'bytes 3-4/5'],
    ['bytes=-99', 'hello', 'bytes 0-4/5'],
    ['bytes=2-99', 'llo', 'bytes 2-4/5'],
  ])('answers the range %s with %s', async (range, expected, contentRange) => {
    const s3 = await startS3();
    await put(s3, 'k', 'hello');
    const answer = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k', Range: range }));
    expect([await answer.Body?.transformToString(), answer.ContentRange, answer.$metadata.httpStatusCode]).toEqual([
      expected,
      contentRange,
      206,
    ]);
  });

  it('answers 416 for a range behind the end, and the whole object for several or malformed ranges', async () => {
    const s3 = await startS3();
    await put(s3, 'k', 'hello');
    await put(s3, 'empty', '');
    await expect(text(s3, 'k', { Range: 'bytes=5-' })).rejects.toMatchObject({ name: 'InvalidRange', $metadata: { httpStatusCode: 416 } });
    await expect(text(s3, 'empty', { Range: 'bytes=0-0' })).rejects.toMatchObject({ name: 'InvalidRange' });
    expect(await text(s3, 'k', { Range: 'bytes=0-1,3-4' })).toBe('hello');
    expect(await text(s3, 'empty')).toBe('');
  });

  it('answers 304 and 412 to conditional reads', async () => {
    const s3 = await startS3();
    const { ETag } = await put(s3, 'k', 'hello');
    await expect(text(s3, 'k', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(text(s3, 'k', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(text(s3, 'k', { IfModifiedSince: new Date() })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    expect(await text(s3, 'k', { IfNoneMatch: '"other"', IfMatch: ETag })).toBe('hello');
  });

  it('deletes one object, many, and missing ones without complaint', async () => {
    const s3 = await startS3();
    for (const key of ['1e3', ' a&b<c> ', '한글', 'stays']) await put(s3, key, key);
    const remove = new DeleteObjectsCommand({
      Bucket: BUCKET,
      Delete: { Objects: [{ Key: '1e3' }, { Key: ' a&b<c> ' }, { Key: '1000' }] },
    });
    expect((await s3.client.send(remove)).Deleted?.map(({ Key }) => Key)).toEqual(['1e3', ' a&b<c> ', '1000']);
    await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: '한글' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: '한글' }));
    expect(s3.deleted.map(({ key }) => key)).toEqual(['1e3', ' a&b<c> ', '한글']);
    await expect(text(s3, '1e3')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await text(s3, 'stays')).toBe('stays');
  });

  it('lists each object as the only version there is, page by page, and deletes it by that', async () => {
    const s3 = await startS3();
    for (const key of ['p/1', 'p/한글 +%2F', 'p/3', 'other']) await put(s3, key, key);
    const list = (fields: object = {}) =>
      s3.client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'p/', MaxKeys: 2, ...fields }));
    const first = await list();
    const second = await list({ KeyMarker: first.NextKeyMarker });
    expect(first).toMatchObject({ IsTruncated: true, NextVersionIdMarker: 'null' });
    expect(second.IsTruncated).toBe(false);
    const found = [...(first.Versions ?? []), ...(second.Versions ?? [])].map(({ Key, VersionId, IsLatest }) => ({
      Key,
      VersionId,
      IsLatest,
    }));
    expect(found).toEqual(['p/1', 'p/3', 'p/한글 +%2F'].map((Key) => ({ Key, VersionId: 'null', IsLatest: true })));
    const remove = (VersionId: string) =>
      s3.client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: found.map(({ Key }) => ({ Key, VersionId })) } }));
    await expect(remove('v1')).rejects.toMatchObject({ name: 'NotImplemented' });
    await remove('null');
    expect((await list()).Versions).toBeUndefined();
    expect(await text(s3, 'other')).toBe('other');
  });

  it.each(['plain', '한글 a+b&c%2F#?.txt', 'a//b/../c'])('copies "%s" with its metadata, or with new metadata', async (key) => {
    const s3 = await startS3();
    await put(s3, key, 'hello', { ContentType: 'video/mp4', Metadata: { a: '1' } });
    const CopySource = `${BUCKET}/${encodeURIComponent(key)}`;
    await s3.client.send(new CopyObjectCommand({ Bucket: 'videopick-static', Key: `copy of ${key}`, CopySource }));
    const kept = await s3.client.send(new GetObjectCommand({ Bucket: 'videopick-static', Key: `copy of ${key}` }));
    expect([await kept.Body?.transformToString(), kept.ContentType, kept.Metadata]).toEqual(['hello', 'video/mp4', { a: '1' }]);
    await s3.client.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key: key, CopySource, MetadataDirective: 'REPLACE', ContentType: 'text/plain' }),
    );
    expect((await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }))).ContentType).toBe('text/plain');
    expect(await text(s3, key)).toBe('hello');
  });

  it('lists its buckets', async () => {
    const s3 = await startS3();
    expect((await s3.client.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual([BUCKET, 'videopick-static']);
  });
});

describe('writes', () => {
  it('writes under If-None-Match: * once, however many try at the same time', async () => {
    const s3 = await startS3();
    const attempts = Array.from({ length: 10 }, (_, index) => put(s3, 'k', `writer ${index}`, { IfNoneMatch: '*' }));
    const results = await Promise.allSettled(attempts);
    const refused = results
      .filter((result) => result.status === 'rejected')
      .map(({ reason }) => [reason.name, reason.$metadata.httpStatusCode]);
    expect(refused).toEqual(Array.from({ length: 9 }, () => ['PreconditionFailed', 412]));
    expect(s3.created).toHaveLength(1);
  });

  it('writes under If-Match only over the object that was meant', async () => {
    const s3 = await startS3();
    await expect(put(s3, 'k', 'x', { IfMatch: '"any"' })).rejects.toMatchObject({ name: 'NoSuchKey' });
    const { ETag } = await put(s3, 'k', 'first');
    await put(s3, 'k', 'second', { IfMatch: ETag });
    await expect(put(s3, 'k', 'third', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await text(s3, 'k')).toBe('second');
  });

  it.each([
    ['x-amz-checksum-crc32', 'AAAAAA==', 'BadDigest'],
    ['x-amz-checksum-sha256', 'AAAA', 'BadDigest'],
    ['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA=', 'BadDigest'],
    ['content-md5', 'AAAAAAAAAAAAAAAAAAAAAA==', 'BadDigest'],
    ['x-amz-content-sha256', '0'.repeat(64), 'XAmzContentSHA256Mismatch'],
  ])('keeps the old object when %s does not fit the body', async (header, value, code) => {
    const s3 = await startS3();
    await put(s3, 'k', 'old');
    const answer = await fetch(`${s3.endpoint}/${BUCKET}/k`, { method: 'PUT', body: 'new', headers: rawHeaders({ [header]: value }) });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
    expect(await text(s3, 'k')).toBe('old');
    expect(s3.created).toHaveLength(1);
  });

  it('keeps the old object, readable throughout, when an upload breaks off', async () => {
    const s3 = await startS3();
    await put(s3, 'k', 'old');
    const upload = request(`${s3.endpoint}/${BUCKET}/k`, { method: 'PUT', headers: rawHeaders({ 'content-length': '1000000' }) });
    upload.on('error', () => {});
    upload.write(Buffer.alloc(100_000));
    await sleep(100);
    expect(await text(s3, 'k')).toBe('old');
    upload.destroy();
    await sleep(100);
    expect(await text(s3, 'k')).toBe('old');
    expect(s3.created).toHaveLength(1);
  });

  it('lets a reader finish the object it opened while another replaces it', async () => {
    const s3 = await startS3();
    const old = Buffer.alloc(8_000_000, 'o');
    await put(s3, 'k', old);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    await put(s3, 'k', Buffer.alloc(8_000_000, 'n'));
    expect(Buffer.compare(Buffer.from((await Body?.transformToByteArray()) ?? []), old)).toBe(0);
  });

  it('answers Expect: 100-continue before the body is sent', async () => {
    const s3 = await startS3();
    const status = await new Promise((resolve, reject) => {
      const headers = rawHeaders({ expect: '100-continue', 'content-length': '5' });
      const upload = request(`${s3.endpoint}/${BUCKET}/k`, { method: 'PUT', headers }, (response) => resolve(response.statusCode));
      upload.on('continue', () => upload.end('hello')).on('error', reject);
      upload.flushHeaders();
    });
    expect([status, await text(s3, 'k')]).toEqual([200, 'hello']);
  });
});

describe('events', () => {
  it('announces each completed object once, when it can be read, and only of buckets that announce', async () => {
    const s3 = await startS3();
    await put(s3, 'originals/v1/a.mp4', 'hello');
    await s3.client.send(new PutObjectCommand({ Bucket: 'videopick-static', Key: 'silent', Body: 'x' }));
    await s3.client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'b', CopySource: `${BUCKET}/originals/v1/a.mp4` }));
    const etag = '5d41402abc4b2a76b9719d911017c592';
    expect(s3.created).toEqual([
      { bucket: BUCKET, key: 'originals/v1/a.mp4', size: 5, etag, reason: 'PutObject' },
      { bucket: BUCKET, key: 'b', size: 5, etag, reason: 'CopyObject' },
    ]);
  });
});

describe('presigned URLs', () => {
  const presign = (s3: LocalS3, key: string, signedAt: Date) =>
    `${s3.endpoint}/${BUCKET}/${key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261123%2Fap-northeast-2%2Fs3%2Faws4_request` +
    `&X-Amz-Date=${signedAt.toISOString().replace(/[-:]|\.\d+/g, '')}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0`;

  it('put and get without a header', async () => {
    const s3 = await startS3();
    expect((await fetch(presign(s3, 'k', new Date()), { method: 'PUT', body: 'hello' })).status).toBe(200);
    expect(await (await fetch(presign(s3, 'k', new Date()))).text()).toBe('hello');
  });

  it('end when they expire', async () => {
    const s3 = await startS3();
    const answer = await fetch(presign(s3, 'k', new Date(Date.now() - 61_000)), { method: 'PUT', body: 'hello' });
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
});
