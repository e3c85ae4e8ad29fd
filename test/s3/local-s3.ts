import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { Gateway } from '../../local/gateway/gateway.ts';
import { type BucketSpec, type ObjectCreated, type ObjectDeleted, S3 } from '../../local/s3/s3.ts';

export interface LocalS3 {
  readonly directory: string;
  readonly endpoint: string;
  readonly client: S3Client;
  readonly created: ObjectCreated[];
  readonly deleted: ObjectDeleted[];
}

export const BUCKET = 'videopick-videos';

/** Runs an S3 behind a gateway for the current test, with one bucket that announces its objects and one that does not. */
export async function startS3({ directory, buckets }: { directory?: string; buckets?: readonly BucketSpec[] } = {}): Promise<LocalS3> {
  const home = directory ?? (await temporaryDirectory());
  const created: ObjectCreated[] = [];
  const deleted: ObjectDeleted[] = [];
  const s3 = new S3({
    directory: home,
    buckets: buckets ?? [
      { name: BUCKET, eventBridge: true },
      { name: 'videopick-static', eventBridge: false },
    ],
    onObjectCreated: (event) => created.push(event),
    onObjectDeleted: (event) => deleted.push(event),
  });
  const gateway = new Gateway({
    services: new Map([['s3', s3]]),
    web: (_request, response) => void response.writeHead(404).end(),
    onError: (error) => {
      throw error;
    },
  });
  const endpoint = await gateway.listen(0);
  const client = new S3Client({
    endpoint,
    region: 'ap-northeast-2',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'anything' },
  });
  onTestFinished(async () => {
    client.destroy();
    await gateway.close();
  });
  return { directory: home, endpoint, client, created, deleted };
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'videopick-s3-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A request that is signed in form only: enough for the gateway to hand it to S3. */
export function rawHeaders(headers: Record<string, string> = {}): Record<string, string> {
  return {
    authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/20261123/ap-northeast-2/s3/aws4_request, SignedHeaders=host, Signature=0',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    ...headers,
  };
}
