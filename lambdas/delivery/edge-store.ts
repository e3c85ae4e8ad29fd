import '@aws-sdk/signature-v4a'; // the data API is signed for all regions at once; importing it is what the client asks for
import {
  CloudFrontKeyValueStoreClient,
  type CloudFrontKeyValueStoreClientConfig,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  ListKeysCommand,
  UpdateKeysCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
import { StoreBusyError } from './errors.ts';

/** The service's limit on one update. */
const MAX_CHANGES = 50;
const ATTEMPTS = 5;

export interface EdgeChanges {
  readonly puts: readonly { readonly key: string; readonly value: string }[];
  readonly deletes: readonly string[];
}

/** The key-value store that the edge's functions read. Writes reach every edge within seconds. */
export class EdgeStore {
  readonly #client: Pick<CloudFrontKeyValueStoreClient, 'send'>;
  readonly #arn: string;

  constructor(client: Pick<CloudFrontKeyValueStoreClient, 'send'>, arn: string) {
    this.#client = client;
    this.#arn = arn;
  }

  /** The client of a Lambda, from its environment. */
  static connect(arn: string, endpoint = process.env.AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE ?? process.env.AWS_ENDPOINT_URL): EdgeStore {
    return new EdgeStore(new CloudFrontKeyValueStoreClient({ ...(endpoint !== undefined && exactly(endpoint)) }), arn);
  }

  async get(key: string): Promise<string | undefined> {
    try {
      const { Value } = await this.#client.send(new GetKeyCommand({ KvsARN: this.#arn, Key: key }));
      return Value;
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  /** All keys that begin with `prefix`. */
  async keys(prefix: string): Promise<readonly string[]> {
    const keys: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(new ListKeysCommand({ KvsARN: this.#arn, MaxResults: 50, NextToken }));
      for (const { Key } of page.Items ?? []) if (Key?.startsWith(prefix)) keys.push(Key);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return keys;
  }

  /**
   * Writes changes, 50 keys at once; each such part is there as a whole or not at all. Safe to repeat.
   * @throws {StoreBusyError} when others change the store all the time
   */
  async update({ puts, deletes }: EdgeChanges): Promise<void> {
    const changes = [
      ...puts.map(({ key, value }) => ({ put: { Key: key, Value: value } })),
      ...deletes.map((key) => ({ remove: { Key: key } })),
    ];
    for (let start = 0; start < changes.length; start += MAX_CHANGES) {
      const part = changes.slice(start, start + MAX_CHANGES);
      await this.#write({
        Puts: part.flatMap((change) => ('put' in change ? [change.put] : [])),
        Deletes: part.flatMap((change) => ('remove' in change ? [change.remove] : [])),
      });
    }
  }

  /** Every write names the state it changes; when somebody else was first, the state is read anew. */
  async #write(changes: { Puts: { Key: string; Value: string }[]; Deletes: { Key: string }[] }): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { ETag } = await this.#client.send(new DescribeKeyValueStoreCommand({ KvsARN: this.#arn }));
      try {
        await this.#client.send(new UpdateKeysCommand({ KvsARN: this.#arn, IfMatch: ETag, ...changes }));
        return;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ConflictException') throw error;
        if (attempt === ATTEMPTS) throw new StoreBusyError(ATTEMPTS, { cause: error });
      }
    }
  }
}

/**
 * The client puts the account before a given endpoint's host, which is no address any more when the host is one; so an endpoint that is given is
 * used as it is.
 */
function exactly(endpoint: string): Pick<CloudFrontKeyValueStoreClientConfig, 'endpointProvider'> {
  return { endpointProvider: () => ({ url: new URL(endpoint), properties: {} }) };
}
