import type { DataApi, Parameter, Row } from '../../lambdas/data-api/data-api.ts';

type Parameters = Readonly<Record<string, Parameter>>;

/** Answers a statement; `pass` sends it on as it is, each time it is called. */
export type Statement = (sql: string, parameters: Parameters, pass: (sql?: string) => Promise<readonly Row[]>) => Promise<readonly Row[]>;

/** A client whose statements go through `statement`, those of its transactions too. */
export function through(db: DataApi, statement: Statement): DataApi {
  const by =
    (query: DataApi['query']): DataApi['query'] =>
    async <T extends Row>(sql: string, parameters: Parameters = {}) =>
      (await statement(sql, parameters, (sent = sql) => query(sent, parameters))) as readonly T[];
  const transaction: DataApi['transaction'] = (work) => db.transaction((query) => work(by(query)));
  return Object.assign(Object.create(db) as DataApi, { query: by(db.query.bind(db)), transaction });
}

/** As the service says that a statement took too long. */
export function timedOut(): Error {
  return Object.assign(new Error('timed out'), { name: 'StatementTimeoutException' });
}
