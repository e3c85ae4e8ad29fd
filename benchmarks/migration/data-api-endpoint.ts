import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { Gateway } from '../../local/gateway/gateway.ts';
import type { JsonService, ServiceRequest, ServiceResponse } from '../../local/gateway/service.ts';
import { RdsData } from '../../local/rds-data/rds-data.ts';

/** Where a process finds the Data API, as a Lambda finds it in its environment. */
export interface DataApiTarget {
  readonly endpoint: string;
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** What went over the wire since the last reset. */
export interface Traffic {
  readonly calls: number;
  readonly largestRequestBytes: number;
  readonly largestResponseBytes: number;
}

const CLUSTER_ARN = 'arn:aws:rds:ap-northeast-2:123456789012:cluster:videopick-bench';
const SECRET_ARN = 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:videopick-bench-AbCdEf';

/** The Data API stand-in behind the gateway, counting calls and bytes. */
export class DataApiEndpoint implements JsonService {
  readonly protocol = 'rest-json';
  readonly #rdsData: RdsData;
  readonly #gateway: Gateway;
  #endpoint = '';
  #calls = 0;
  #largestRequestBytes = 0;
  #largestResponseBytes = 0;

  constructor(databaseUrlOf: (database: string) => string) {
    this.#rdsData = new RdsData({ databaseUrlOf, clusterArn: CLUSTER_ARN, secretArn: SECRET_ARN });
    this.#gateway = new Gateway({
      services: new Map([['rds-data', this]]),
      web: (_request, response) => void response.writeHead(404).end(),
      onError: (error) => process.stderr.write(`${String(error)}\n`),
    });
  }

  async listen(): Promise<void> {
    this.#endpoint = await this.#gateway.listen(0);
  }

  target(database: string): DataApiTarget {
    return { endpoint: this.#endpoint, clusterArn: CLUSTER_ARN, secretArn: SECRET_ARN, database };
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    this.#calls += 1;
    this.#largestRequestBytes = Math.max(this.#largestRequestBytes, request.body.length);
    const response = await this.#rdsData.handle(request);
    const body = Buffer.isBuffer(response.body) ? response.body : Buffer.from(JSON.stringify(response.body ?? ''));
    this.#largestResponseBytes = Math.max(this.#largestResponseBytes, body.length);
    return response;
  }

  resetTraffic(): void {
    this.#calls = this.#largestRequestBytes = this.#largestResponseBytes = 0;
  }

  get traffic(): Traffic {
    return { calls: this.#calls, largestRequestBytes: this.#largestRequestBytes, largestResponseBytes: this.#largestResponseBytes };
  }

  async close(): Promise<void> {
    await this.#gateway.close();
    await this.#rdsData.close();
  }
}

/** The client that the steps use. */
export function connectDataApi(target: DataApiTarget): DataApi {
  const client = new RDSDataClient({
    endpoint: target.endpoint,
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  return new DataApi(client, target);
}
