import type { ExecuteStatementCommandInput, Field, SqlParameter } from '@aws-sdk/client-rds-data';
import pg from 'pg';
import { replaceNamedParameters } from '../../lambdas/data-api/sql-lexer.ts';
import { AwsError } from '../../local/gateway/aws-error.ts';
import { databaseError, transactionBusy, transactionNotFound } from '../../local/rds-data/errors.ts';
import { toField } from '../../local/rds-data/fields.ts';
import { serviceLimits } from '../../local/rds-data/limits.ts';
import type { BoundStatement } from '../../local/rds-data/parameters.ts';
import { oids, resultTypes } from '../../local/rds-data/pg-types.ts';
import { CachedCall, type CallResult } from './cached-call.ts';

interface Transaction {
  readonly client: pg.PoolClient;
  usedAt: number;
  busy: boolean;
}

/** A command's input, of whichever operation. */
type Input = Partial<ExecuteStatementCommandInput>;

/**
 * The RDS Data API as far as the engine uses it, without a wire and with statements that stay prepared: a third of the stand-in's time a call
 * (local/rds-data), which has its own tests. Its transactions are the service's: an error ends one, and so does idleness.
 */
export class QuickDataApi {
  readonly #pool: pg.Pool;
  readonly #clock: () => number;
  readonly #transactions = new Map<string, Transaction>();
  #begun = 0;
  readonly #operations: Readonly<Record<string, (input: Input) => Promise<object>>> = {
    ExecuteStatementCommand: (input) => this.#execute(input),
    BeginTransactionCommand: () => this.#begin(),
    CommitTransactionCommand: ({ transactionId }) => this.#end(transactionId, 'commit'),
    RollbackTransactionCommand: ({ transactionId }) => this.#end(transactionId, 'rollback'),
  };

  constructor(connectionString: string, clock: () => number) {
    this.#clock = clock;
    this.#pool = new pg.Pool({
      connectionString,
      max: 80,
      application_name: 'data-api',
      connectionTimeoutMillis: 10_000,
      options: '-c plan_cache_mode=force_generic_plan',
    });
    this.#pool.on('error', () => {});
  }

  /** Makes a call as the SDK's client does. Rejects with the service's errors. */
  async send(command: { readonly input: object }): Promise<object> {
    const operation = this.#operations[command.constructor.name];
    if (operation === undefined) throw new Error(`the engine has come to use ${command.constructor.name}: add it here`);
    try {
      return await operation(command.input as Input);
    } catch (thrown) {
      const error = databaseError(thrown);
      if (error instanceof AwsError) throw Object.assign(new Error(error.message), { name: error.code });
      throw error;
    }
  }

  /** Rolls back what has been idle for too long. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    for (const [id, { busy, usedAt }] of this.#transactions)
      if (!busy && now - usedAt > serviceLimits.idleTransactionMs) await this.#end(id, 'rollback');
  }

  async close(): Promise<void> {
    for (const id of [...this.#transactions.keys()]) await this.#end(id, 'rollback').catch(() => {});
    await this.#pool.end();
  }

  async #execute({ sql = '', parameters = [], transactionId }: Input): Promise<object> {
    const statement = bind(sql, parameters);
    if (transactionId !== undefined) return answer(await this.#within(transactionId, statement));
    const client = await this.#pool.connect();
    try {
      return answer(await client.query(new CachedCall(statement)).result);
    } finally {
      client.release();
    }
  }

  async #within(id: string, statement: BoundStatement): Promise<CallResult> {
    const transaction = this.#take(id);
    transaction.busy = true;
    try {
      return await transaction.client.query(new CachedCall(statement)).result;
    } catch (error) {
      transaction.busy = false;
      await this.#end(id, 'rollback');
      throw error;
    } finally {
      transaction.busy = false;
      transaction.usedAt = this.#clock();
    }
  }

  async #begin(): Promise<object> {
    const client = await this.#pool.connect();
    await client.query('begin');
    this.#begun += 1;
    const transactionId = `transaction ${this.#begun}`;
    this.#transactions.set(transactionId, { client, usedAt: this.#clock(), busy: false });
    return { transactionId };
  }

  async #end(id: string | undefined, how: 'commit' | 'rollback'): Promise<object> {
    const { client } = this.#take(id ?? '');
    this.#transactions.delete(id ?? '');
    try {
      await client.query(how);
    } finally {
      client.release();
    }
    return {};
  }

  #take(id: string): Transaction {
    const transaction = this.#transactions.get(id);
    if (transaction === undefined) throw transactionNotFound(id, 'ended');
    if (transaction.busy) throw transactionBusy();
    return transaction;
  }
}

/** The text and the names of its parameters in their order, by SQL. */
const parsed = new Map<string, { readonly text: string; readonly names: readonly string[] }>();

function bind(sql: string, parameters: readonly SqlParameter[]): BoundStatement {
  const { text, names } = parsed.get(sql) ?? parse(sql);
  const values = names.map((wanted) => {
    const value = parameters.find(({ name }) => name === wanted)?.value;
    if (value === undefined) throw new AwsError('ValidationException', `Cannot find parameter: ${wanted}`);
    return bindValue(value);
  });
  return { text, types: values.map(({ type }) => type), values: values.map(({ text }) => text) };
}

function parse(sql: string): { readonly text: string; readonly names: readonly string[] } {
  const names: string[] = [];
  const text = replaceNamedParameters(sql, (name) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  parsed.set(sql, { text, names });
  return { text, names };
}

/** As strictly as the service: a string is text, a long int8, a double float8. */
function bindValue({ stringValue, longValue, doubleValue, booleanValue }: Field): { readonly type: number; readonly text: string | null } {
  if (stringValue !== undefined) return { type: oids.text, text: stringValue };
  if (longValue !== undefined) return { type: oids.int8, text: String(longValue) };
  if (doubleValue !== undefined) return { type: oids.float8, text: String(doubleValue) };
  if (booleanValue !== undefined) return { type: oids.bool, text: String(booleanValue) };
  return { type: 0, text: null };
}

const AS_THEY_ARE = { decimalReturnType: 'STRING', longReturnType: 'LONG' } as const;

function answer({ fields, rows }: CallResult): object {
  if (fields === undefined) return { numberOfRecordsUpdated: 0 };
  const types = fields.map(({ dataTypeID, name }) => {
    const type = resultTypes.get(dataTypeID);
    if (type === undefined) throw new AwsError('UnsupportedResultException', `column ${name} has the type ${dataTypeID}`);
    return { ...type, label: name };
  });
  return {
    columnMetadata: types.map(({ label, name }) => ({ label, typeName: name })),
    records: rows.map((row) => row.map((text, at) => (types[at] === undefined ? {} : toField(text, types[at], AS_THEY_ARE)))),
  };
}
