import { CloudFrontKeyValueStoreClient } from '@aws-sdk/client-cloudfront-keyvaluestore';
import { onTestFinished } from 'vitest';
import { EdgeStore } from '../../lambdas/delivery/edge-store.ts';
import { CloudFrontKeyValueStore } from '../../local/cloudfront-keyvaluestore/cloudfront-keyvaluestore.ts';
import { KeyValueStore } from '../../local/cloudfront-keyvaluestore/key-value-store.ts';
import { Gateway } from '../../local/gateway/gateway.ts';
import type { ServiceRequest } from '../../local/gateway/service.ts';
import { STORE_ARN } from './distribution.ts';

export interface LocalEdge {
  readonly endpoint: string;
  /** What the stand-in holds, and what changes it as another writer would. */
  readonly held: KeyValueStore;
  /** Ours, over the real client. */
  readonly store: EdgeStore;
  readonly client: CloudFrontKeyValueStoreClient;
  /** Called before each request reaches the stand-in. */
  onRequest: (request: ServiceRequest) => void;
}

/** The key-value store behind a gateway, with the real client and its signature. Closed when the test is finished. */
export async function startEdge(file?: string): Promise<LocalEdge> {
  const held = new KeyValueStore(STORE_ARN, { file });
  const service = new CloudFrontKeyValueStore([held]);
  const hooks = { onRequest: (_request: ServiceRequest): void => {} };
  const gateway = new Gateway({
    services: new Map([
      [
        'cloudfront-keyvaluestore',
        {
          protocol: 'rest-json',
          handle: (request: ServiceRequest) => {
            hooks.onRequest(request);
            return service.handle(request);
          },
        },
      ],
    ]),
    web: (_, response) => void response.writeHead(418).end(),
    onError: () => {},
  });
  const endpoint = await gateway.listen(0);
  onTestFinished(() => gateway.close());
  const client = new CloudFrontKeyValueStoreClient({
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    endpointProvider: () => ({ url: new URL(endpoint), properties: {} }),
    maxAttempts: 1,
  });
  return Object.assign(hooks, { endpoint, held, client, store: new EdgeStore(client, STORE_ARN) });
}
