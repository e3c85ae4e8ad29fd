import type { ServerResponse } from 'node:http';
import { element, xmlDocument } from './xml.ts';

/** An error as S3 answers it: XML with a code that clients match. Source of codes and statuses: S3 API, "Error responses". */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: string;
  readonly status: number;
  /** Further elements of the body, such as `BucketName`. */
  readonly detail: Readonly<Record<string, string | number>>;

  constructor(code: S3ErrorCode, message: string, detail: Readonly<Record<string, string | number>> = {}) {
    super(message);
    this.code = code;
    this.status = STATUS[code];
    this.detail = detail;
  }
}

const STATUS = {
  AccessControlListNotSupported: 400,
  AccessDenied: 403,
  AccessForbidden: 403,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IncompleteBody: 400,
  InvalidArgument: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedXML: 400,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const;

export type S3ErrorCode = keyof typeof STATUS;

/** The answer to what the stand-in leaves out: the service's own code, and a message that names what was asked. */
export function notImplemented(what: string): S3Error {
  return new S3Error('NotImplemented', `the local S3 does not support ${what} (docs/parity.md); nothing was changed`);
}

/** Answers with `error` as XML: S3's own errors as they are, anything else as `InternalError`. */
export function renderError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) if (/^(content-|etag|accept-ranges|last-modified)/i.test(name)) response.removeHeader(name);
  const { code, message, status, detail } = describe(error);
  const body = xmlDocument(
    element('Error', [
      element('Code', code),
      element('Message', message),
      ...Object.entries(detail).map(([name, value]) => element(name, String(value))),
      element('RequestId', String(response.getHeader('x-amz-request-id') ?? '')),
    ]),
  );
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** s3rver throws errors of the same shape from a class of its own, told apart by their `detail`. */
function describe(error: unknown): Pick<S3Error, 'code' | 'message' | 'status' | 'detail'> {
  if (error instanceof S3Error) return error;
  if (error instanceof Error && 'code' in error && 'status' in error && 'detail' in error) return error as S3Error;
  return { code: 'InternalError', message: error instanceof Error ? error.message : String(error), status: 500, detail: {} };
}
