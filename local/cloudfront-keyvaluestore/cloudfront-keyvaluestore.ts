import { z } from 'zod';
import { AwsError } from '../gateway/aws-error.ts';
import type { JsonService, ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { type KeyValueStore, notFound } from './key-value-store.ts';

/** Source: CloudFront quotas, "Quotas on key value stores". */
const MAX_CHANGES = 50;
const MAX_CHANGE_BYTES = 3 * 1024 * 1024;

const Put = z.strictObject({ Value: z.string() });
const Update = z.strictObject({
  Puts: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
  Deletes: z.array(z.strictObject({ Key: z.string() })).default([]),
});
const Page = z.strictObject({
  MaxResults: z.coerce.number().int().min(1).max(50).default(10),
  NextToken: z.string().optional(),
});

/** The data API of CloudFront's key-value stores, scope `cloudfront-keyvaluestore`. Source: its API model, 2022-07-26. */
export class CloudFrontKeyValueStore implements JsonService {
  readonly protocol = 'rest-json';
  readonly #stores: ReadonlyMap<string, KeyValueStore>;

  constructor(stores: Iterable<KeyValueStore>) {
    this.#stores = new Map([...stores].map((store) => [store.arn, store]));
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    assertAllRegions(request);
    const [root, arn = '', keys, key, ...others] = request.path.split('/').slice(1).map(decodeURIComponent);
    const isKeys = keys === undefined || keys === 'keys';
    if (root !== 'key-value-stores' || !isKeys || others.length > 0) throw unknownOperation(request);
    const store = this.#stores.get(arn);
    if (store === undefined) {
      throw new AwsError('ResourceNotFoundException', `there is no key-value store ${arn}`, { status: 404 });
    }
    if (keys === undefined) return this.#describe(store, request);
    return key === undefined ? this.#allKeys(store, request) : this.#oneKey(store, key, request);
  }

  #describe(store: KeyValueStore, request: ServiceRequest): ServiceResponse {
    if (request.method !== 'GET') throw unknownOperation(request);
    return { headers: { etag: store.etag }, body: store.describe() };
  }

  #allKeys(store: KeyValueStore, request: ServiceRequest): ServiceResponse {
    if (request.method === 'GET') return { body: list(store, parse(Page, Object.fromEntries(request.query))) };
    if (request.method !== 'POST') throw unknownOperation(request);
    const { Puts: puts, Deletes: deletes } = parse(Update, readJson(request));
    if (puts.length + deletes.length > MAX_CHANGES || request.body.length > MAX_CHANGE_BYTES) {
      throw new AwsError('ValidationException', `an update has at most ${MAX_CHANGES} keys and ${MAX_CHANGE_BYTES} bytes`);
    }
    store.change({ puts, deletes: deletes.map(({ Key }) => Key) }, ifMatch(request));
    return changed(store);
  }

  #oneKey(store: KeyValueStore, key: string, request: ServiceRequest): ServiceResponse {
    if (request.method === 'GET') {
      const value = store.get(key);
      if (value === undefined) throw notFound(key);
      const { ItemCount, TotalSizeInBytes } = store.describe();
      return { body: { Key: key, Value: value, ItemCount, TotalSizeInBytes } };
    }
    if (request.method === 'PUT') {
      store.change({ puts: [{ Key: key, Value: parse(Put, readJson(request)).Value }], deletes: [] }, ifMatch(request));
    } else if (request.method === 'DELETE') store.change({ puts: [], deletes: [key] }, ifMatch(request));
    else throw unknownOperation(request);
    return changed(store);
  }
}

/** The service takes SigV4A for all regions alone. The kind of signature is looked at, not whether it is right. */
function assertAllRegions({ headers }: ServiceRequest): void {
  const [algorithm] = (headers.authorization ?? '').split(' ');
  if (algorithm === 'AWS4-ECDSA-P256-SHA256' && headers['x-amz-region-set'] === '*') return;
  const found = `${algorithm || 'no signature in the header'} for ${headers['x-amz-region-set'] ?? 'one region'}`;
  throw new AwsError('AccessDeniedException', `expected AWS4-ECDSA-P256-SHA256 for all regions (x-amz-region-set: *), found ${found}`, {
    status: 403,
  });
}

function list(store: KeyValueStore, { MaxResults: size, NextToken: after }: z.output<typeof Page>) {
  const all = store.keys().filter((key) => after === undefined || key > after);
  const page = all.slice(0, size);
  return {
    Items: page.map((key) => ({ Key: key, Value: store.get(key) })),
    ...(page.length < all.length && { NextToken: page.at(-1) }),
  };
}

function changed(store: KeyValueStore): ServiceResponse {
  const { ItemCount, TotalSizeInBytes } = store.describe();
  return { headers: { etag: store.etag }, body: { ItemCount, TotalSizeInBytes } };
}

function ifMatch({ headers }: ServiceRequest): string {
  const etag = headers['if-match'];
  if (typeof etag === 'string' && etag !== '') return etag;
  throw new AwsError('ValidationException', 'If-Match is required: the ETag that describing the store answers');
}

function readJson({ body }: ServiceRequest): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AwsError('ValidationException', `the body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AwsError('ValidationException', parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function unknownOperation({ method, path }: ServiceRequest): AwsError {
  return new AwsError('ValidationException', `${method} ${path} is no operation of the key-value store's data API`);
}
