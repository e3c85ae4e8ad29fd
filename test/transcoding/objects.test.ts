import { DeleteObjectsCommand, GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeletionError, deletePrefixWith } from '../../lambdas/transcoding/delete-prefix.ts';
import { ObjectReader, SourceGoneError } from '../../lambdas/transcoding/inspect/object-reader.ts';

const s3 = new S3Client({ region: 'ap-northeast-2' });
const mock = mockClient(s3);
beforeEach(() => mock.reset());

describe('reading an object', () => {
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
  const reader = (sizeBytes = content.length) => new ObjectReader(s3, { bucket: 'videos', key: 'k', etag: '"e"' }, sizeBytes);
  const ranges = () => mock.commandCalls(GetObjectCommand).map(({ args }) => args[0].input.Range);
  beforeEach(() => {
    mock.on(GetObjectCommand).callsFake(({ Range }) => {
      const [, from = 0, to = 0] = /^bytes=(\d+)-(\d+)$/.exec(Range)?.map(Number) ?? [];
      return { Body: { transformToByteArray: async () => content.subarray(from, to + 1) } };
    });
  });

  it('gives the bytes that were asked for, over the edges of blocks and up to the end', async () => {
    const bytes = reader();
    for (const [offset, length] of [
      [0, 16],
      [65_530, 20],
      [10, 150_000],
      [199_990, 100],
      [200_000, 8],
    ] as const) {
      expect(await bytes.read(offset, length)).toEqual(content.subarray(offset, offset + length));
    }
  });

  it('fetches each block once, by range, and only of the object that arrived', async () => {
    const bytes = reader();
    await Promise.all([bytes.read(0, 16), bytes.read(8, 16), bytes.read(131_072, 10)]);
    await bytes.read(0, 65_536);
    expect(ranges()).toEqual(['bytes=0-65535', 'bytes=131072-196607']);
    expect(mock.commandCalls(GetObjectCommand)[0]?.args[0].input).toMatchObject({ Bucket: 'videos', Key: 'k', IfMatch: '"e"' });
  });

  it('keeps no more blocks than a header needs, however much is read', async () => {
    const bytes = reader(1_000 * 65_536);
    for (let block = 0; block < 200; block++) await bytes.read(block * 65_536, 1);
    mock.resetHistory();
    await bytes.read(199 * 65_536, 1);
    expect(ranges()).toEqual([]);
    await bytes.read(0, 1);
    expect(ranges()).toEqual(['bytes=0-65535']);
  });

  it.each(['NoSuchKey', 'PreconditionFailed', 'InvalidRange'])('that is gone or another says so: %s', async (name) => {
    mock.on(GetObjectCommand).rejects(Object.assign(new Error(name), { name }));
    await expect(reader().read(0, 1)).rejects.toBeInstanceOf(SourceGoneError);
  });

  it('takes an S3 that does not answer for no fault of the object', async () => {
    mock.on(GetObjectCommand).rejects(Object.assign(new Error('slow'), { name: 'SlowDown' }));
    await expect(reader().read(0, 1)).rejects.toMatchObject({ name: 'SlowDown' });
  });
});

describe('deleting what lies below a prefix', () => {
  let there: { Key: string; VersionId: string; marker?: boolean }[];
  beforeEach(() => {
    there = Array.from({ length: 2_500 }, (_, index) => ({
      Key: `encoded/v1/a/${index}`,
      VersionId: `v${index}`,
      marker: index % 10 === 0,
    }));
    there.push({ Key: 'encoded/v1/ab/0', VersionId: 'other' });
    mock.on(ListObjectVersionsCommand).callsFake(({ Prefix, MaxKeys }) => {
      const page = there.filter(({ Key }) => Key.startsWith(Prefix)).slice(0, MaxKeys);
      return { Versions: page.filter(({ marker }) => !marker), DeleteMarkers: page.filter(({ marker }) => marker) };
    });
    mock.on(DeleteObjectsCommand).callsFake(({ Delete }) => {
      const gone = new Set(Delete.Objects.map(({ VersionId }: { VersionId: string }) => VersionId));
      expect(gone.size).toBeLessThanOrEqual(1_000);
      there = there.filter(({ VersionId }) => !gone.has(VersionId));
      return {};
    });
  });
  const remove = (max: number) => deletePrefixWith(s3)('videos', 'encoded/v1/a/', max);

  it('takes every version and every delete marker, and nothing beside', async () => {
    expect(await remove(10_000)).toEqual({ deleted: 2_500, isEmpty: true });
    expect(there.map(({ VersionId }) => VersionId)).toEqual(['other']);
  });

  it('stops at its number, and goes on from there the next time', async () => {
    expect(await remove(1_200)).toEqual({ deleted: 1_200, isEmpty: false });
    expect(await remove(1_300)).toEqual({ deleted: 1_300, isEmpty: true });
    expect(await remove(1_000)).toEqual({ deleted: 0, isEmpty: true });
  });

  it('says what would not go', async () => {
    mock.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: 'encoded/v1/a/7', Code: 'AccessDenied' }] });
    await expect(remove(10)).rejects.toBeInstanceOf(DeletionError);
    await expect(remove(10)).rejects.toThrow('encoded/v1/a/7 (AccessDenied)');
  });
});
