import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';

export interface StoredObject {
  readonly body: Buffer;
  readonly contentType: string | undefined;
}

export interface FakeS3 {
  readonly client: S3Client;
  /** By `bucket/key`. */
  readonly objects: Map<string, StoredObject>;
  /** Bytes sent by GetObject since the start. */
  sentBytes(): number;
  close(): Promise<void>;
}

/** An S3 of four operations, HeadObject, GetObject (with ranges), PutObject and DeleteObject, over real HTTP, so that the SDK's whole path is used. */
export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Map<string, StoredObject>();
  let sentBytes = 0;
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://s3').pathname.slice(1));
    if (request.method === 'PUT') {
      const parts: Buffer[] = [];
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
      objects.set(name, { body: Buffer.concat(parts), contentType: request.headers['content-type'] });
      response.writeHead(200, { etag: '"0"' }).end();
      return;
    }
    if (request.method === 'DELETE') {
      objects.delete(name);
      response.writeHead(204).end();
      return;
    }
    const found = objects.get(name);
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>not found</Message></Error>');
      return;
    }
    const headers = { 'content-type': found.contentType ?? 'video/mp4', 'last-modified': new Date(0).toUTCString(), etag: '"abc"' };
    if (request.method === 'HEAD') {
      response.writeHead(200, { ...headers, 'content-length': found.body.length }).end();
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined || to === undefined) {
      sentBytes += found.body.length;
      response.writeHead(200, { ...headers, 'content-length': found.body.length }).end(found.body);
      return;
    }
    const part = found.body.subarray(Number(from), Number(to) + 1);
    sentBytes += part.length;
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${found.body.length}`;
    response.writeHead(206, { ...headers, 'content-length': part.length, 'content-range': range }).end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
  return {
    client,
    objects,
    sentBytes: () => sentBytes,
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
