import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Answer, accessDenied, errorAnswer } from './answer.ts';
import type { ViewerRequest } from './viewer-request.ts';

type Output = HeadObjectCommandOutput & Pick<GetObjectCommandOutput, 'Body'>;

interface SdkFailure {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** Reads an object for a viewer through origin access control, which grants `s3:GetObject` and no more. The body streams. */
export async function askS3(s3: S3Client, bucket: string, request: ViewerRequest, abortSignal: AbortSignal): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return accessDenied();
  const key = keyOf(request.uri);
  if (key === undefined) return errorAnswer(400, 'Bad request: the path is not percent-encoded UTF-8.');
  // S3 answers the root of a bucket with a listing, which needs s3:ListBucket.
  if (key === '') return accessDenied();
  const date = (name: string) =>
    Number.isNaN(Date.parse(request.headers[name] ?? '')) ? undefined : new Date(request.headers[name] ?? '');
  const input = {
    Bucket: bucket,
    Key: key,
    Range: request.headers.range,
    IfMatch: request.headers['if-match'],
    IfNoneMatch: request.headers['if-none-match'],
    IfModifiedSince: date('if-modified-since'),
    IfUnmodifiedSince: date('if-unmodified-since'),
  };
  try {
    const output: Output =
      request.method === 'GET'
        ? await s3.send(new GetObjectCommand(input), { abortSignal })
        : await s3.send(new HeadObjectCommand(input), { abortSignal });
    const headers = { ...headersOf(output), 'x-cache': 'Miss from cloudfront' };
    return { status: output.$metadata.httpStatusCode ?? 200, headers, body: output.Body as Readable | undefined };
  } catch (error) {
    return failed(error as SdkFailure);
  }
}

function headersOf(output: Output): Record<string, string> {
  const headers: Record<string, string | undefined> = {
    'accept-ranges': output.AcceptRanges,
    'cache-control': output.CacheControl,
    'content-disposition': output.ContentDisposition,
    'content-encoding': output.ContentEncoding,
    'content-language': output.ContentLanguage,
    'content-length': output.ContentLength?.toString(),
    'content-range': output.ContentRange,
    'content-type': output.ContentType,
    etag: output.ETag,
    expires: output.ExpiresString,
    'last-modified': output.LastModified?.toUTCString(),
    ...Object.fromEntries(Object.entries(output.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function failed(error: SdkFailure): Answer {
  const status = error.$metadata?.httpStatusCode;
  if (status === 304) {
    const sent = error.$response?.headers ?? {};
    const kept = ['etag', 'last-modified', 'cache-control'].flatMap((name) => (sent[name] === undefined ? [] : [[name, sent[name]]]));
    return { status, headers: { ...Object.fromEntries(kept), 'x-cache': 'Hit from cloudfront' } };
  }
  if (status === 416 || status === 412) {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.name}</Code></Error>`;
    return { status, headers: { 'content-type': 'application/xml', 'x-cache': 'Error from cloudfront' }, body: Buffer.from(xml) };
  }
  if (status === 403 || status === 404) return accessDenied();
  throw error;
}

function keyOf(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri).replace(/^\//, '');
  } catch {
    return undefined;
  }
}
