import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { S3 } from '../../local/s3/s3.ts';
import { BUCKET, startS3, temporaryDirectory } from './local-s3.ts';

const target = { Bucket: BUCKET, Key: 'k' };

describe('what is left out', () => {
  it.each([
    ['GetObjectAttributes', new GetObjectAttributesCommand({ ...target, ObjectAttributes: ['ETag'] })],
    ['"delimiter"', new ListObjectVersionsCommand({ Bucket: BUCKET, Delimiter: '/' })],
    ['"location"', new GetBucketLocationCommand({ Bucket: BUCKET })],
    ['"acl"', new PutObjectAclCommand({ ...target, ACL: 'private' })],
    ['"tagging"', new PutObjectTaggingCommand({ ...target, Tagging: { TagSet: [] } })],
    ['"versionId"', new GetObjectCommand({ ...target, VersionId: 'v1' })],
    ['x-amz-tagging', new PutObjectCommand({ ...target, Body: 'x', Tagging: 'a=b' })],
  ])('answers NotImplemented and names %s', async (name, command) => {
    const s3 = await startS3();
    await expect(s3.client.send(command as GetObjectCommand)).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining(name),
      $metadata: { httpStatusCode: 501 },
    });
    expect(s3.created).toEqual([]);
  });

  it('creates no bucket: they come from the template', async () => {
    const s3 = await startS3();
    await expect(s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('refuses public objects, as bucket owner enforced does', async () => {
    const s3 = await startS3();
    const upload = new PutObjectCommand({ ...target, Body: 'x', ACL: 'public-read' });
    await expect(s3.client.send(upload)).rejects.toMatchObject({ name: 'AccessControlListNotSupported' });
  });
});

describe('errors', () => {
  it('are XML, with a request id, for an unknown bucket', async () => {
    const s3 = await startS3();
    await expect(s3.client.send(new PutObjectCommand({ Bucket: 'nobody-knows', Key: 'k', Body: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
      $metadata: { httpStatusCode: 404, requestId: expect.stringMatching(/^[0-9A-F]{16}$/) },
    });
  });

  it('are told by status alone to HEAD', async () => {
    const s3 = await startS3();
    await expect(s3.client.send(new HeadObjectCommand(target))).rejects.toMatchObject({
      name: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('the directory', () => {
  it('keeps objects between runs', async () => {
    const directory = await temporaryDirectory();
    const before = await startS3({ directory });
    await before.client.send(new PutObjectCommand({ ...target, Body: 'kept', ContentType: 'text/plain' }));
    await before.client.send(new PutObjectCommand({ ...target, Body: 'newer', ContentType: 'text/plain' }));
    const after = await startS3({ directory });
    const { Body, ContentType } = await after.client.send(new GetObjectCommand(target));
    expect([await Body?.transformToString(), ContentType]).toEqual(['newer', 'text/plain']);
    expect(after.created).toEqual([]);
  });

  it('loses what a killed write left behind, and nothing else', async () => {
    const directory = await temporaryDirectory();
    const before = await startS3({ directory });
    await before.client.send(new PutObjectCommand({ ...target, Body: 'kept' }));
    const bucket = join(directory, BUCKET);
    await writeFile(join(bucket, 'content', 'half-written'), 'x');
    await writeFile(join(bucket, 'records', 'abc.json.half-written'), '{');
    const after = await startS3({ directory });
    expect([(await readdir(join(bucket, 'content'))).length, (await readdir(join(bucket, 'records'))).length]).toEqual([1, 1]);
    expect(await (await after.client.send(new GetObjectCommand(target))).Body?.transformToString()).toBe('kept');
  });

  it('that cannot be used is named, with what to do', async () => {
    const directory = join(await temporaryDirectory(), 'file');
    await writeFile(directory, '');
    const open = () => new S3({ directory, buckets: [{ name: BUCKET, eventBridge: false }], onObjectCreated: () => {} });
    expect(open).toThrow(expect.objectContaining({ name: 'UserError', message: expect.stringContaining('--data-dir') }));
  });
});
