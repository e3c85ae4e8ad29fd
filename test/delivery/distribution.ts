import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { onTestFinished } from 'vitest';
import type { Environment } from '../../config/environment.ts';
import { readEnvironment } from '../../config/index.ts';
import { EnvironmentStack } from '../../lib/environment-stack.ts';
import type { Properties } from '../../local/cloudfront/config-keys.ts';
import { httpOrigin } from '../../local/cloudfront/http-origin.ts';
import { KeyValueStore } from '../../local/cloudfront-keyvaluestore/key-value-store.ts';

export const STORE_ARN = 'arn:aws:cloudfront::000000000000:key-value-store/edge';

/** The very code of the functions that `make` declares, as the template has it, by name, reading the store `STORE_ARN`. */
export function functionsOf(make: (stack: EnvironmentStack, store: cloudfront.IKeyValueStore) => void): ReadonlyMap<string, Properties> {
  const stack = new EnvironmentStack(new App(), 'Stack', { environment: readEnvironment('dev') });
  make(stack, cloudfront.KeyValueStore.fromKeyValueStoreArn(stack, 'Store', STORE_ARN));
  const functions = Object.values(Template.fromStack(stack).findResources('AWS::CloudFront::Function'));
  return new Map(
    functions.map(({ Properties: properties }) => [String(properties.Name).replace('videopick-dev-', ''), properties as Properties]),
  );
}

export function delivery(changes: Partial<Environment['delivery']> = {}): Environment['delivery'] {
  return { ...readEnvironment('dev').delivery, ...changes };
}

/** A store that a test writes without a client. */
export function store(pairs: Readonly<Record<string, string>> = {}): KeyValueStore & { put(key: string, value: string): void } {
  const made = new KeyValueStore(STORE_ARN);
  const put = (Key: string, Value: string) => made.change({ puts: [{ Key, Value }], deletes: [] }, made.etag);
  for (const [key, value] of Object.entries(pairs)) put(key, value);
  return Object.assign(made, { put });
}

export interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** LinkPick's site: a web server on this machine that remembers what it was asked. */
export async function startLegacySite() {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    heard.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(parts).toString() });
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': ['session=1; Path=/', 'theme=dark'] });
    response.end('<h1>LinkPick</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { heard, ask: httpOrigin(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}
