import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { outputPrefix } from '../../../lambdas/transcoding/upload.ts';
import { upload } from '../uploads.ts';
import type { Files } from './encoded-output.ts';

/** No multiple of a packet, so that packets lie across chunks. */
const CHUNK_BYTES = 10_007;

/** An S3 that holds an output, lists it in small pages and gives its files in odd pieces, but for those it is too busy for and those it stops in the middle of. */
export function bucketWith(
  files: Files,
  isBusyFor: (file: string) => boolean = () => false,
  isCutOff: (file: string) => boolean = () => false,
): S3Client {
  const s3 = new S3Client({ region: 'ap-northeast-2', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const prefix = `${outputPrefix('encoded', upload())}/`;
  const mock = mockClient(s3);
  mock.on(ListObjectsV2Command).callsFake(({ Prefix, ContinuationToken = '0' }) => {
    const all = [...files].map(([file, body]) => ({ Key: prefix + file, Size: body.length })).filter(({ Key }) => Key.startsWith(Prefix));
    const to = Number(ContinuationToken) + 5;
    return {
      Contents: all.slice(to - 5, to),
      IsTruncated: to < all.length,
      NextContinuationToken: to < all.length ? String(to) : undefined,
    };
  });
  mock.on(GetObjectCommand).callsFake(({ Key, Range }) => {
    const file = String(Key).slice(prefix.length);
    if (isBusyFor(file)) throw new Error('SlowDown');
    const body = files.get(file);
    if (body === undefined) throw new NoSuchKey({ message: 'no', $metadata: {} });
    const last = /^bytes=0-(\d+)$/.exec(Range ?? '')?.[1];
    if (isCutOff(file)) return { Body: Readable.from(cutOff(body)) };
    return { Body: Readable.from(chunks(last === undefined ? body : body.subarray(0, Number(last) + 1))) };
  });
  return s3;
}

function* chunks(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += CHUNK_BYTES) yield body.subarray(at, at + CHUNK_BYTES);
}

function* cutOff(body: Buffer): Generator<Buffer> {
  yield body.subarray(0, CHUNK_BYTES);
  throw new Error('aborted');
}
