import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { CloudFront, type CloudFrontOptions, type Origin } from '../../local/cloudfront/cloudfront.ts';
import { BUCKET, type LocalS3, startS3 } from '../s3/local-s3.ts';

export const VIDEOS_DOMAIN = `${BUCKET}.s3.ap-northeast-2.amazonaws.com`;
export const API_DOMAIN = 'abc123.lambda-url.ap-northeast-2.on.aws';
export const SIMPLE_CORS = '60669652-455b-4ae9-85a4-c4c02393f86c';
export const CORS_WITH_PREFLIGHT = '5cc3b908-e619-4b99-88e5-2cf7f45965bd';
export const SECURITY_HEADERS = '67f7725c-6f97-4210-82d7-5512b31e9d03';
export const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

/** A distribution with the videos bucket behind it and a function behind `/api/*`. */
export function distribution(config: object = {}, behavior: object = {}, api: object = {}): { DistributionConfig: object } {
  return {
    DistributionConfig: {
      Enabled: true,
      PriceClass: 'PriceClass_200',
      HttpVersion: 'http2and3',
      Origins: [
        { Id: 'videos', DomainName: VIDEOS_DOMAIN, S3OriginConfig: { OriginAccessIdentity: '' }, OriginAccessControlId: 'E1' },
        { Id: 'api', DomainName: API_DOMAIN, CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } },
      ],
      DefaultCacheBehavior: { TargetOriginId: 'videos', ViewerProtocolPolicy: 'redirect-to-https', Compress: true, ...behavior },
      CacheBehaviors: [
        {
          PathPattern: '/api/*',
          TargetOriginId: 'api',
          AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
          OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
          ViewerProtocolPolicy: 'https-only',
          ...api,
        },
      ],
      ...config,
    },
  };
}

export interface LocalCloudFront {
  readonly url: string;
  readonly s3: LocalS3;
  readonly errors: unknown[];
  put(key: string, body: string | Buffer, contentType?: string): Promise<void>;
}

type Overrides = Partial<Omit<CloudFrontOptions, 'origins'>> & {
  readonly invoke?: (event: unknown) => Promise<unknown>;
  /** By domain name, besides the bucket and the function. */
  readonly furtherOrigins?: Readonly<Record<string, Origin>>;
};

/** Runs a distribution for the current test, on a real S3 stand-in. */
export async function startCloudFront({
  invoke = async () => ({ statusCode: 200 }),
  furtherOrigins = {},
  ...options
}: Overrides = {}): Promise<LocalCloudFront> {
  const s3 = await startS3();
  const errors: unknown[] = [];
  const origins = (domainName: string): Origin =>
    furtherOrigins[domainName] ??
    (domainName === API_DOMAIN ? { kind: 'function', invoke } : { kind: 's3', bucket: domainName.split('.')[0] ?? '' });
  const onError = (error: unknown) => void errors.push(error);
  const cloudFront = new CloudFront({ distribution: distribution(), s3: s3.client, origins, onError, ...options });
  const server = createServer((message: IncomingMessage, response: ServerResponse) => void cloudFront.handle(message, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    s3,
    errors,
    put: async (Key, Body, ContentType = 'text/plain') => {
      await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentType }));
    },
  };
}

/** A request as it is: fetch would set the host, resolve dots and undo compression. */
export function send(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers, method }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
    });
    sent.on('error', reject).end();
  });
}
