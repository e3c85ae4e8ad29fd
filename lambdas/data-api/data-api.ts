import { setTimeout as delay } from 'node:timers/promises';
import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandOutput,
  type Field,
  RDSDataClient,
  RollbackTransactionCommand,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';

/** A value a statement may be given. Strings are bound as text: other types need a cast in the SQL (`:id::uuid`). */
export type Parameter = string | number | boolean | null;
export type Row = Readonly<Record<string, unknown>>;

export interface DataApiConfig {
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** A paused cluster takes about 15 s to resume, 30 s or more after a day's pause. Source: Aurora user guide, auto-pause. */
const RESUME_PATIENCE_MS = 90_000;
/** Above the service's own limit of 45 s a statement, so that its answer decides, not ours. The SDK has no time-out by default. */
const REQUEST_TIMEOUT_MS = 60_000;
const RESUME_DELAY_MS = 1_000;

/**
 * The one place that speaks the RDS Data API.
 *
 * The service has no idempotency token and the SDK repeats calls after 5xx answers and lost connections, so every statement sent here must be
 * safe to repeat.
 */
export class DataApi {
  readonly #client: RDSDataClient;
  readonly #target: { resourceArn: string; secretArn: string; database: string };
  readonly #wait: (ms: number) => Promise<unknown>;

  constructor(
    client: RDSDataClient,
    { clusterArn, secretArn, database }: DataApiConfig,
    { wait = delay as (ms: number) => Promise<unknown> } = {},
  ) {
    this.#client = client;
    this.#target = { resourceArn: clusterArn, secretArn, database };
    this.#wait = wait;
  }

  /** The client of a Lambda, from its environment. */
  static connect(config: { CLUSTER_ARN: string; SECRET_ARN: string; DATABASE_NAME: string }): DataApi {
    const client = new RDSDataClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: REQUEST_TIMEOUT_MS } });
    return new DataApi(client, { clusterArn: config.CLUSTER_ARN, secretArn: config.SECRET_ARN, database: config.DATABASE_NAME });
  }

  /** Runs one statement in a transaction of its own and gives its rows, keyed by column label. */
  async query<T extends Row = Row>(sql: string, parameters: Readonly<Record<string, Parameter>> = {}): Promise<readonly T[]> {
    return rowsOf<T>(await this.#execute(sql, parameters));
  }

  /**
   * Runs statements one after another in one transaction: all or nothing. An error ends the transaction, there is no catching and going on.
   * The work must be safe to repeat: after an error on commit its outcome is unknown.
   */
  async transaction<T>(work: (query: DataApi['query']) => Promise<T>): Promise<T> {
    const { resourceArn, secretArn, database } = this.#target;
    const begun = await this.#resuming(() => this.#client.send(new BeginTransactionCommand({ resourceArn, secretArn, database })));
    const transactionId = begun.transactionId;
    if (transactionId === undefined) throw new Error('BeginTransaction answered without a transactionId; expected one');
    try {
      const result = await work(async <R extends Row>(sql: string, parameters: Readonly<Record<string, Parameter>> = {}) =>
        rowsOf<R>(await this.#execute(sql, parameters, transactionId)),
      );
      await this.#client.send(new CommitTransactionCommand({ resourceArn, secretArn, transactionId }));
      return result;
    } catch (error) {
      await this.#rollback(transactionId);
      throw error;
    }
  }

  /** A failed statement has ended the transaction already, and an idle one ends by itself: the first error is the one that counts. */
  async #rollback(transactionId: string): Promise<void> {
    const { resourceArn, secretArn } = this.#target;
    await this.#client.send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId })).catch(() => {});
  }

  #execute(sql: string, parameters: Readonly<Record<string, Parameter>>, transactionId?: string): Promise<ExecuteStatementCommandOutput> {
    const command = new ExecuteStatementCommand({
      ...this.#target,
      sql,
      parameters: Object.entries(parameters).map(([name, value]) => sqlParameter(name, value)),
      includeResultMetadata: true,
      transactionId,
    });
    return this.#resuming(() => this.#client.send(command));
  }

  /** Waits for a paused cluster. The error is a 400 that the SDK does not retry; the call it answers has not run. */
  async #resuming<T>(call: () => Promise<T>): Promise<T> {
    const giveUpAt = Date.now() + RESUME_PATIENCE_MS;
    for (let delayMs = RESUME_DELAY_MS; ; delayMs = Math.min(delayMs * 2, 8_000)) {
      try {
        return await call();
      } catch (error) {
        if (!isNamed(error, 'DatabaseResumingException') || Date.now() + delayMs > giveUpAt) throw error;
        await this.#wait(delayMs * (0.5 + Math.random() / 2));
      }
    }
  }
}

/** The SQLSTATE in a Data API error's message, undefined for any other error. Format: docs of the Data API's `DatabaseErrorException`. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!isNamed(error, 'DatabaseErrorException')) return undefined;
  // At the end alone: what stands before may quote a row's values.
  return /SQLState:\s*([0-9A-Z]{5})\s*$/.exec((error as Error).message)?.[1];
}

function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

function sqlParameter(name: string, value: Parameter): SqlParameter {
  return { name, value: field(value) };
}

function field(value: Parameter): Field {
  if (value === null) return { isNull: true };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  return Number.isInteger(value) ? { longValue: value } : { doubleValue: value };
}

function rowsOf<T extends Row>({ records = [], columnMetadata = [] }: ExecuteStatementCommandOutput): readonly T[] {
  return records.map((record) => Object.fromEntries(record.map((value, index) => decode(value, columnMetadata[index]))) as T);
}

/** JSON columns come as text and are parsed; everything else keeps the type the service gives (numeric and timestamps: text). */
function decode(value: Field, column?: { label?: string; typeName?: string }): [string, unknown] {
  const plain = value.isNull
    ? null
    : (value.stringValue ?? value.longValue ?? value.doubleValue ?? value.booleanValue ?? plainArray(value));
  const isJson = column?.typeName === 'json' || column?.typeName === 'jsonb';
  return [column?.label ?? '', isJson && typeof plain === 'string' ? JSON.parse(plain) : plain];
}

function plainArray({ arrayValue, blobValue }: Field): unknown {
  return arrayValue === undefined
    ? blobValue
    : (arrayValue.stringValues ?? arrayValue.longValues ?? arrayValue.booleanValues ?? arrayValue.doubleValues ?? []);
}
