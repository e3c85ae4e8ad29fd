import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandInput,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  RollbackTransactionCommand,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';
import type { TestDataApi } from '../support/database.ts';

type Options<T> = Partial<Omit<T, 'sql'>>;

/** The five operations through the SDK's client, with the target filled in; and the same without the SDK. */
export function callsOf(api: TestDataApi) {
  const target = { resourceArn: api.clusterArn, secretArn: api.secretArn };
  const { client, database } = api;
  return {
    execute: (sql: string, options: Options<ExecuteStatementCommandInput> = {}) =>
      client.send(new ExecuteStatementCommand({ ...target, database, sql, ...options })),
    batch: (sql: string, parameterSets: SqlParameter[][], options: Options<BatchExecuteStatementCommandInput> = {}) =>
      client.send(new BatchExecuteStatementCommand({ ...target, database, sql, parameterSets, ...options })),
    begin: async () => (await client.send(new BeginTransactionCommand({ ...target, database }))).transactionId as string,
    commit: (transactionId: string) => client.send(new CommitTransactionCommand({ ...target, transactionId })),
    rollback: (transactionId: string) => client.send(new RollbackTransactionCommand({ ...target, transactionId })),

    /** The answer's bytes, for what the SDK would hide. `body` is JSON text without the target. */
    raw: async (path: string, members: string) => {
      const response = await fetch(`${api.endpoint}${path}`, {
        method: 'POST',
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20261123/ap-northeast-2/rds-data/aws4_request' },
        body: `{"resourceArn":"${api.clusterArn}","secretArn":"${api.secretArn}","database":"${database}",${members}}`,
      });
      return { status: response.status, error: response.headers.get('x-amzn-errortype'), text: await response.text() };
    },
  };
}

export type Calls = ReturnType<typeof callsOf>;

/** The one value of an answer with one row and one column. */
export function onlyValue({ records }: { records?: Field[][] | undefined }): Field | undefined {
  return records?.[0]?.[0];
}

export const text = (name: string, stringValue: string): SqlParameter => ({ name, value: { stringValue } });
export const long = (name: string, longValue: number): SqlParameter => ({ name, value: { longValue } });
