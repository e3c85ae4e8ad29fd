import type { Readable } from 'node:stream';

/** What CloudFront is about to send. */
export interface Answer {
  readonly status: number;
  /** Lower case. */
  readonly headers: Record<string, string | string[]>;
  readonly body?: Readable | Buffer | undefined;
}

/** A page CloudFront itself answers with, when no origin was asked. */
export function errorAnswer(status: number, message: string): Answer {
  const page =
    '<!DOCTYPE html><html><head><title>ERROR: The request could not be satisfied</title></head>' +
    `<body><h1>${status} ERROR</h1><p>${message.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`)}</p></body></html>`;
  return { status, headers: { 'content-type': 'text/html', 'x-cache': 'Error from cloudfront' }, body: Buffer.from(page) };
}

/** What S3 says to a reader without `s3:ListBucket`, whether the key is missing or forbidden. */
export function accessDenied(): Answer {
  const xml = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
  return { status: 403, headers: { 'content-type': 'application/xml', 'x-cache': 'Error from cloudfront' }, body: Buffer.from(xml) };
}
