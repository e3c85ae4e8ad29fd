import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { sendFile } from '../../local/runner/send-file.ts';
import { BUCKET, startS3, temporaryDirectory } from '../s3/local-s3.ts';

const MIB = 1024 ** 2;
const Key = 'originals/v1/film.mp4';
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function fileOf(sizeBytes: number): Promise<{ file: string; content: Buffer }> {
  const content = randomBytes(sizeBytes);
  const file = join(await temporaryDirectory(), '한글 이름+%2F.mp4');
  writeFileSync(file, content);
  return { file, content };
}

it.each([
  [0, 'an empty file'],
  [3 * MIB, 'a file within the limit of one request'],
  [11 * MIB + 1, 'a larger one, in parts'],
  [15 * MIB, 'one of whole parts'],
])('sends %i bytes unchanged as one object: %s', async (sizeBytes) => {
  const s3 = await startS3();
  const { file, content } = await fileOf(sizeBytes);
  const signal = new AbortController().signal;
  await sendFile({ s3: s3.client, bucket: BUCKET, key: Key, file, sizeBytes, signal, maxPutBytes: 10 * MIB, partBytes: 5 * MIB });
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  expect(digest((await Body?.transformToByteArray()) ?? new Uint8Array(1))).toBe(digest(content));
  expect(s3.created).toMatchObject([{ key: Key, size: sizeBytes }]);
});

it('gives up what it has sent when it is interrupted', async () => {
  const s3 = await startS3();
  const { file } = await fileOf(11 * MIB);
  const interrupted = new AbortController();
  const sending = { s3: s3.client, bucket: BUCKET, key: Key, file, sizeBytes: 11 * MIB, maxPutBytes: MIB, partBytes: 5 * MIB };
  let requests = 0;
  const client = {
    send: ((command: never, options: never) => {
      requests += 1;
      if (requests === 3) interrupted.abort(new Error('interrupted'));
      return s3.client.send(command, options);
    }) as typeof s3.client.send,
  };
  await expect(sendFile({ ...sending, s3: client, signal: interrupted.signal })).rejects.toThrow();
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
  expect(Uploads).toEqual([]);
  expect(s3.created).toEqual([]);
});
