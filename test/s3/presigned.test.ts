import { GetObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, it } from 'vitest';
import { BUCKET, type LocalS3, startS3 } from './local-s3.ts';

const Key = "temp/한글 (1)+&=~!'*.mp4";

function signer({ endpoint }: LocalS3, secretAccessKey = 'local', config: S3ClientConfig = {}): S3Client {
  const credentials = { accessKeyId: 'local', secretAccessKey, sessionToken: 'local' };
  return new S3Client({ endpoint, region: 'ap-northeast-2', credentials, requestChecksumCalculation: 'WHEN_REQUIRED', ...config });
}

it('takes what the SDK signed, awkward keys, session token and query included', async () => {
  const s3 = await startS3();
  const client = signer(s3);
  const put = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key, ContentLength: 5 }));
  expect((await fetch(put, { method: 'PUT', body: 'hello' })).status).toBe(200);
  const get = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key, ResponseContentType: 'text/x y' }));
  expect(await (await fetch(get)).text()).toBe('hello');
});

it.each<[string, (url: string) => [string, RequestInit], string]>([
  ['another key', (url) => [url.replace('/temp/', '/other/'), {}], 'SignatureDoesNotMatch'],
  ['another method', (url) => [url, { method: 'DELETE' }], 'SignatureDoesNotMatch'],
  ['a longer life', (url) => [url.replace('X-Amz-Expires=900', 'X-Amz-Expires=9000'), {}], 'SignatureDoesNotMatch'],
  ['a further parameter', (url) => [`${url}&versionId=null`, {}], 'SignatureDoesNotMatch'],
  ['a header of its own', (url) => [url, { headers: { 'x-amz-meta-a': 'b' } }], 'AccessDenied'],
  ['a part of the signature missing', (url) => [url.replace(/&X-Amz-SignedHeaders=[^&]+/, ''), {}], 'AuthorizationQueryParametersError'],
])('refuses a URL used with %s', async (_, change, code) => {
  const s3 = await startS3();
  const [url, init] = change(await getSignedUrl(signer(s3), new GetObjectCommand({ Bucket: BUCKET, Key })));
  expect(await (await fetch(url, init)).text()).toContain(`<Code>${code}</Code>`);
});

it('refuses what another secret signed', async () => {
  const s3 = await startS3();
  const url = await getSignedUrl(signer(s3, 'guessed'), new GetObjectCommand({ Bucket: BUCKET, Key }));
  expect([(await fetch(url)).status, (await fetch(url, { method: 'PUT', body: 'x' })).status]).toEqual([403, 403]);
});

it('ignores a checksum in the query, as the service does', async () => {
  const s3 = await startS3();
  const client = signer(s3, 'local', { requestChecksumCalculation: 'WHEN_SUPPORTED' });
  const url = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'k' }));
  expect(url).toContain('x-amz-checksum-crc32=');
  expect((await fetch(url, { method: 'PUT', body: 'other bytes' })).status).toBe(200);
});
