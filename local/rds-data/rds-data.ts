import { AwsError } from '../gateway/aws-error.ts';
import type { JsonService, ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { renderAnswer } from './answer.ts';
import { endpointNotEnabled, resuming, secretNotFound, statementTimeout, validationError } from './errors.ts';
import { type Limits, serviceLimits } from './limits.ts';
import { type BoundStatement, bindParameters } from './parameters.ts';
import { BatchRequest, BeginRequest, EndRequest, ExecuteRequest, parseRequest } from './request.ts';
import { type Session, Sessions } from './sessions.ts';
import { checkStatement } from './statement-rules.ts';
import { Transactions } from './transactions.ts';

export interface RdsDataOptions {
  /** A connection string for a database of the cluster, which need not exist. */
  readonly databaseUrlOf: (database: string) => string;
  readonly clusterArn: string;
  readonly secretArn: string;
  /** Accepted in place of the ARN, as the service does. */
  readonly secretName?: string;
  /** The database of a call that names none. @default postgres */
  readonly defaultDatabase?: string;
  /** Milliseconds, for the age and idleness of transactions. @default Date.now */
  readonly clock?: () => number;
  /** @default the service's */
  readonly limits?: Partial<Limits>;
  readonly faults?: Partial<Faults>;
}

/** What may go wrong on purpose. Counted down by the calls that it strikes. */
export interface Faults {
  /** So many calls answer `DatabaseResumingException` and do nothing. */
  resumingCalls: number;
  /** So many statements run, and commit, and their answer is lost with the connection. */
  droppedAnswers: number;
}

/** The RDS Data API on PostgreSQL: its types, its limits and its errors. What differs from the service: docs/parity.md */
export class RdsData implements JsonService {
  readonly protocol = 'rest-json';
  readonly faults: Faults;
  readonly #options: RdsDataOptions;
  readonly #limits: Limits;
  readonly #sessions: Sessions;
  readonly #transactions: Transactions;
  readonly #operations: Readonly<Record<string, (body: Buffer) => Promise<unknown>>> = {
    '/Execute': (body) => this.#execute(body),
    '/BatchExecute': (body) => this.#batchExecute(body),
    '/BeginTransaction': (body) => this.#begin(body),
    '/CommitTransaction': (body) => this.#commit(body),
    '/RollbackTransaction': (body) => this.#rollback(body),
  };

  constructor(options: RdsDataOptions) {
    this.#options = options;
    this.#limits = { ...serviceLimits, ...options.limits };
    this.faults = { resumingCalls: 0, droppedAnswers: 0, ...options.faults };
    this.#sessions = new Sessions(options.databaseUrlOf);
    this.#transactions = new Transactions(this.#sessions, this.#limits, options.clock ?? Date.now);
  }

  async handle({ method, path, body }: ServiceRequest): Promise<ServiceResponse> {
    const operation = this.#operations[path];
    if (operation === undefined || method !== 'POST') {
      throw new AwsError('UnknownOperationException', `the Data API has no ${method} ${path}`, { status: 404 });
    }
    const answer = await operation(body);
    if (this.faults.droppedAnswers > 0 && path.endsWith('Execute')) {
      this.faults.droppedAnswers--;
      // A body that ends before its announced length: the client sees the connection break after the statement has run.
      return { headers: { connection: 'close', 'content-length': '1' } };
    }
    return { body: answer };
  }

  /** Cancels what still runs, rolls back what is open and closes every connection. */
  async close(): Promise<void> {
    // At once: a rollback waits for the statement of its transaction, which only the sessions cancel.
    await Promise.all([this.#transactions.close(), this.#sessions.close()]);
  }

  async #execute(body: Buffer): Promise<Buffer> {
    const request = parseRequest(ExecuteRequest, body);
    this.#admit(request);
    checkStatement(request.sql);
    const statement = bindParameters(request.sql, request.parameters);
    const work = async (session: Session) => renderAnswer(await session.run(statement, this.#limits), request, session, this.#limits);
    if (request.transactionId !== undefined) return this.#inTransaction(request.transactionId, request.database, work);
    return this.#autocommit(request.database, work, request.continueAfterTimeout);
  }

  async #batchExecute(body: Buffer): Promise<object> {
    const request = parseRequest(BatchRequest, body);
    this.#admit(request);
    checkStatement(request.sql);
    const statements = request.parameterSets.map((set) => bindParameters(request.sql, set));
    if (request.transactionId !== undefined) {
      await this.#inTransaction(request.transactionId, request.database, (session) => this.#runAll(session, statements));
    } else {
      await this.#autocommit(request.database, async (session) => {
        await session.query('begin');
        await this.#runAll(session, statements);
        await session.query('commit');
      });
    }
    // On PostgreSQL neither rows nor counts come back. Source: UpdateResult in the API model.
    return { updateResults: statements.map(() => ({ generatedFields: [] })) };
  }

  async #begin(body: Buffer): Promise<object> {
    const request = parseRequest(BeginRequest, body);
    this.#admit(request);
    return { transactionId: await this.#transactions.begin(this.#databaseOf(request.database)) };
  }

  async #commit(body: Buffer): Promise<object> {
    const request = parseRequest(EndRequest, body);
    this.#admitTarget(request);
    await this.#transactions.commit(request.transactionId);
    return { transactionStatus: 'Transaction Committed' };
  }

  async #rollback(body: Buffer): Promise<object> {
    const request = parseRequest(EndRequest, body);
    this.#admitTarget(request);
    await this.#transactions.rollback(request.transactionId);
    return { transactionStatus: 'Rollback Complete' };
  }

  async #runAll(session: Session, statements: readonly BoundStatement[]): Promise<void> {
    for (const statement of statements) await session.run(statement, this.#limits);
  }

  #inTransaction<T>(id: string, database: string | undefined, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#transactions.use(id, database, (session) => session.within(this.#limits.statementTimeoutMs, work(session)));
  }

  async #autocommit<T>(database: string | undefined, work: (session: Session) => Promise<T>, continueAfterTimeout = false): Promise<T> {
    const session = await this.#sessions.acquire(this.#databaseOf(database));
    const limitMs = this.#limits.statementTimeoutMs;
    // The reset of the session is not waited for: it belongs to the next call.
    if (!continueAfterTimeout) return session.within(limitMs, work(session)).finally(() => void session.release());
    const running = work(session).finally(() => void session.release());
    running.catch(() => {}); // after the time-out nobody asks any more
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(statementTimeout(limitMs, session.pid)), limitMs);
    });
    return Promise.race([running, timeout]).finally(() => clearTimeout(timer));
  }

  #databaseOf(database: string | undefined): string {
    return database ?? this.#options.defaultDatabase ?? 'postgres';
  }

  /** Checks of the calls that reach the database by themselves. */
  #admit(request: { resourceArn: string; secretArn: string; schema?: string | undefined }): void {
    if (request.schema !== undefined) throw validationError("The schema parameter isn't supported");
    this.#admitTarget(request);
    if (this.faults.resumingCalls > 0) {
      this.faults.resumingCalls--;
      throw resuming(request.resourceArn);
    }
  }

  #admitTarget({ resourceArn, secretArn }: { resourceArn: string; secretArn: string }): void {
    const { clusterArn, secretArn: known, secretName } = this.#options;
    if (resourceArn !== clusterArn) throw endpointNotEnabled(resourceArn);
    if (secretArn !== known && secretArn !== secretName) throw secretNotFound();
  }
}
