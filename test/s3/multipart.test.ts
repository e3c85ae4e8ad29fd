import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, type LocalS3, rawHeaders, startS3, temporaryDirectory } from './local-s3.ts';

const MIB = 1024 * 1024;
const Key = 'originals/v1/큰 파일.mp4';
const target = { Bucket: BUCKET, Key };

async function start({ client }: LocalS3): Promise<string> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ContentType: 'video/mp4' }));
  return UploadId ?? '';
}

const part = async ({ client }: LocalS3, UploadId: string, PartNumber: number, Body: Buffer) => ({
  PartNumber,
  ETag: (await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }))).ETag,
});

const complete = ({ client }: LocalS3, UploadId: string, Parts: { PartNumber: number; ETag: string | undefined }[], more: object = {}) =>
  client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts }, ...more }));

it('joins the parts in their order, replaces a part sent twice, and announces one object', async () => {
  const s3 = await startS3();
  const id = await start(s3);
  const third = await part(s3, id, 7, Buffer.from('end'));
  await part(s3, id, 1, Buffer.alloc(5 * MIB, 'x'));
  const first = await part(s3, id, 1, Buffer.alloc(5 * MIB, 'a'));
  const second = await part(s3, id, 2, Buffer.alloc(5 * MIB + 1, 'b'));
  expect(s3.created).toEqual([]);
  const { ETag } = await complete(s3, id, [first, second, third]);
  expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
  const object = await s3.client.send(new GetObjectCommand(target));
  const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(Buffer.concat([Buffer.alloc(5 * MIB, 'a'), Buffer.alloc(5 * MIB + 1, 'b'), Buffer.from('end')]))).toBe(true);
  expect(object.ContentType).toBe('video/mp4');
  expect(s3.created).toEqual([
    { bucket: BUCKET, key: Key, size: bytes.length, etag: ETag?.replaceAll('"', ''), reason: 'CompleteMultipartUpload' },
  ]);
  await expect(complete(s3, id, [first, second, third])).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

it('survives a restart between two parts', async () => {
  const directory = await temporaryDirectory();
  const before = await startS3({ directory });
  const id = await start(before);
  const first = await part(before, id, 1, Buffer.alloc(5 * MIB, 'a'));
  const after = await startS3({ directory });
  const second = await part(after, id, 2, Buffer.from('b'));
  await complete(after, id, [first, second]);
  expect((await after.client.send(new HeadObjectCommand(target))).ContentLength).toBe(5 * MIB + 1);
});

it('refuses parts that are unknown, out of order, changed or too small, and leaves the upload open', async () => {
  const s3 = await startS3();
  const id = await start(s3);
  const small = await part(s3, id, 1, Buffer.from('small'));
  const last = await part(s3, id, 2, Buffer.from('last'));
  await expect(complete(s3, id, [small, last])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await expect(complete(s3, id, [last, small])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete(s3, id, [small, { ...last, PartNumber: 3 }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete(s3, id, [{ PartNumber: 1, ETag: last.ETag }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(s3.client.send(new HeadObjectCommand(target))).rejects.toMatchObject({ name: 'NotFound' });
  expect(s3.created).toEqual([]);
  await complete(s3, id, [small]);
});

it('forgets an aborted upload with its parts', async () => {
  const s3 = await startS3();
  const id = await start(s3);
  const only = await part(s3, id, 1, Buffer.from('x'));
  await s3.client.send(new AbortMultipartUploadCommand({ ...target, UploadId: id }));
  await expect(part(s3, id, 2, Buffer.from('y'))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(complete(s3, id, [only])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(s3.client.send(new AbortMultipartUploadCommand({ ...target, UploadId: id }))).rejects.toMatchObject({
    name: 'NoSuchUpload',
  });
  expect(s3.created).toEqual([]);
});

it('completes once when two complete at the same time', async () => {
  const s3 = await startS3();
  const id = await start(s3);
  const only = await part(s3, id, 1, Buffer.alloc(2 * MIB));
  const results = await Promise.allSettled([complete(s3, id, [only]), complete(s3, id, [only])]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(s3.created).toHaveLength(1);
});

it('completes under If-None-Match: * only when no object came in between', async () => {
  const s3 = await startS3();
  const id = await start(s3);
  const only = await part(s3, id, 1, Buffer.from('late'));
  await s3.client.send(new PutObjectCommand({ ...target, Body: 'early' }));
  await expect(complete(s3, id, [only], { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  expect(await (await s3.client.send(new GetObjectCommand(target))).Body?.transformToString()).toBe('early');
  await complete(s3, id, [only]);
});

it('copies a multipart object under the plain MD5 of its bytes, and only while it is the one meant', async () => {
  const s3 = await startS3();
  const id = await start(s3);
  const { ETag } = await complete(s3, id, [await part(s3, id, 1, Buffer.from('hello'))]);
  const copy = { Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/${encodeURIComponent(Key)}` };
  const { CopyObjectResult } = await s3.client.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: ETag }));
  expect([ETag, CopyObjectResult?.ETag]).toEqual([expect.stringMatching(/-1"$/), '"5d41402abc4b2a76b9719d911017c592"']);
  const other = new CopyObjectCommand({ ...copy, CopySourceIfMatch: '"other"' });
  await expect(s3.client.send(other)).rejects.toMatchObject({ name: 'PreconditionFailed' });
});

it('copies a range of another object into a part', async () => {
  const s3 = await startS3();
  await s3.client.send(new PutObjectCommand({ Bucket: 'videopick-static', Key: 'source', Body: 'hello world' }));
  const id = await start(s3);
  const copy = { ...target, UploadId: id, PartNumber: 1, CopySource: 'videopick-static/source' };
  const { CopyPartResult } = await s3.client.send(new UploadPartCopyCommand({ ...copy, CopySourceRange: 'bytes=6-10' }));
  await complete(s3, id, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  expect(await (await s3.client.send(new GetObjectCommand(target))).Body?.transformToString()).toBe('world');
  await expect(s3.client.send(new UploadPartCopyCommand({ ...copy, CopySourceRange: 'bytes=6-11' }))).rejects.toMatchObject({
    name: 'NoSuchUpload',
  });
});

it.each(['../../../etc', '%2e%2e%2f', 'nope', ''])('knows no upload "%s" and no part outside 1 to 10000', async (id) => {
  const s3 = await startS3();
  const send = (query: string) => fetch(`${s3.endpoint}/${BUCKET}/k?${query}`, { method: 'PUT', body: 'x', headers: rawHeaders() });
  expect(await (await send(`uploadId=${id}&partNumber=1`)).text()).toContain('<Code>NoSuchUpload</Code>');
  const open = await start(s3);
  for (const number of ['0', '10001', '../1', '1.5', '']) {
    const answer = await fetch(`${s3.endpoint}/${BUCKET}/${encodeURIComponent(Key)}?uploadId=${open}&partNumber=${number}`, {
      method: 'PUT',
      body: 'x',
      headers: rawHeaders(),
    });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('<Code>InvalidArgument</Code>')]);
  }
});

describe('what has been sent', () => {
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');
  const withSha256 = async (s3: LocalS3) =>
    (await s3.client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' }))).UploadId ?? '';

  it('is listed part by part, a page at a time, also after a restart', async () => {
    const directory = await temporaryDirectory();
    const before = await startS3({ directory });
    const UploadId = await withSha256(before);
    for (const PartNumber of [3, 1, 2]) {
      await before.client.send(
        new UploadPartCommand({ ...target, UploadId, PartNumber, Body: `part ${PartNumber}`, ChecksumAlgorithm: 'SHA256' }),
      );
    }
    const { client } = await startS3({ directory });
    const first = await client.send(new ListPartsCommand({ ...target, UploadId, MaxParts: 2 }));
    expect(first).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: '2',
      MaxParts: 2,
      ChecksumAlgorithm: 'SHA256',
      ChecksumType: 'COMPOSITE',
    });
    const rest = await client.send(new ListPartsCommand({ ...target, UploadId, PartNumberMarker: first.NextPartNumberMarker }));
    expect(rest.IsTruncated).toBe(false);
    const parts = [...(first.Parts ?? []), ...(rest.Parts ?? [])];
    expect(parts.map(({ PartNumber, Size, ChecksumSHA256 }) => [PartNumber, Size, ChecksumSHA256])).toEqual(
      [1, 2, 3].map((number) => [number, 6, sha256(Buffer.from(`part ${number}`))]),
    );
    await expect(client.send(new ListPartsCommand({ ...target, UploadId: 'gone' }))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('is listed upload by upload, by prefix and from a marker on', async () => {
    const { client } = await startS3();
    const create = async (key: string) => (await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: key }))).UploadId;
    for (const key of ['temp/b', 'temp/a', 'originals/a', 'temp/영상 1']) await create(key);
    const list = (more: object) => client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, ...more }));
    const first = await list({ Prefix: 'temp/', MaxUploads: 2 });
    expect([first.IsTruncated, first.Uploads?.map(({ Key }) => Key)]).toEqual([true, ['temp/a', 'temp/b']]);
    const next = await list({ Prefix: 'temp/', KeyMarker: first.NextKeyMarker, UploadIdMarker: first.NextUploadIdMarker });
    expect([next.IsTruncated, next.Uploads?.map(({ Key }) => Key)]).toEqual([false, ['temp/영상 1']]);
    expect((await list({})).Uploads).toHaveLength(4);
  });

  it('must carry the checksum the upload was created with, and so must its completion', async () => {
    const { client } = await startS3();
    const s3 = { client } as LocalS3;
    const UploadId = await withSha256(s3);
    const plain = new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'x', ChecksumAlgorithm: 'CRC32' });
    await expect(client.send(plain)).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('expected checksum Type: sha256'),
    });
    const { ETag, ChecksumSHA256 } = await client.send(
      new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'x', ChecksumSHA256: sha256(Buffer.from('x')) }),
    );
    expect(ChecksumSHA256).toBe(sha256(Buffer.from('x')));
    await expect(complete(s3, UploadId, [{ PartNumber: 1, ETag }])).rejects.toMatchObject({ name: 'InvalidRequest' });
    const done = await complete(s3, UploadId, [{ PartNumber: 1, ETag, ChecksumSHA256 } as never]);
    const whole = `${sha256(Buffer.from(ChecksumSHA256 ?? '', 'base64'))}-1`;
    expect(done.ChecksumSHA256).toBe(whole);
    const { ChecksumSHA256: kept } = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect(kept).toBe(whole);
  });

  it('by copying has the checksum S3 computes', async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'source', Body: 'copied bytes' }));
    const UploadId = await withSha256({ client } as LocalS3);
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({ ...target, UploadId, PartNumber: 1, CopySource: `${BUCKET}/source`, CopySourceRange: 'bytes=0-5' }),
    );
    expect(CopyPartResult?.ChecksumSHA256).toBe(sha256(Buffer.from('copied')));
  });
});
