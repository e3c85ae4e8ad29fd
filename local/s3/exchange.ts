import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bucket } from './bucket.ts';
import type { Call } from './call.ts';
import { xmlDocument } from './xml.ts';

/** One call being answered. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly call: Call;
  readonly bucket: Bucket;
  /** @throws {S3Error} NoSuchBucket */
  readonly bucketNamed: (name: string) => Bucket;
  /** Answers 200 with one element of S3's namespace. */
  readonly answerXml: (name: string, children: readonly string[]) => void;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function xmlAnswerer(response: ServerResponse): Exchange['answerXml'] {
  return (name, children) => {
    const body = xmlDocument(`<${name} xmlns="${NAMESPACE}">${children.join('')}</${name}>`);
    response.writeHead(200, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
}
