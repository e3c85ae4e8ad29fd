import { columnMetadata } from './column-metadata.ts';
import { columnTypes } from './column-types.ts';
import { unsupportedResult, validationError } from './errors.ts';
import { toField, toJsonValue } from './fields.ts';
import type { Limits } from './limits.ts';
import type { ResultType } from './pg-types.ts';
import type { StatementResult } from './prepared-call.ts';
import type { ResultSetOptions } from './request.ts';
import type { Session } from './sessions.ts';

export interface AnswerOptions {
  readonly resultSetOptions: ResultSetOptions;
  readonly includeResultMetadata: boolean;
  readonly formatRecordsAs: 'NONE' | 'JSON';
}

/** The commands whose count of rows the service reports, when they return none. */
const counted: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** The body of ExecuteStatement's answer. @throws {AwsError} `UnsupportedResultException` for a type or a size */
export async function renderAnswer(result: StatementResult, options: AnswerOptions, session: Session, limits: Limits): Promise<Buffer> {
  const { fields, command, affected, tooLarge } = result;
  if (fields === undefined)
    return Buffer.from(JSON.stringify({ generatedFields: [], numberOfRecordsUpdated: counted.has(command) ? affected : 0 }));
  const types = await columnTypes(fields, session);
  if (tooLarge === 'row') {
    throw unsupportedResult(`Packet for query is too large. A row of the result exceeds ${limits.rowBytes / 1024} KB`);
  }
  const body = Buffer.from(JSON.stringify(tooLarge === 'result' ? {} : await renderRows(result, types, options, session)));
  if (tooLarge === 'result' || body.length > limits.resultBytes) {
    throw unsupportedResult(`Database response exceeded size limit (${limits.resultBytes} bytes)`);
  }
  return body;
}

async function renderRows(
  { fields = [], rows, command }: StatementResult,
  types: readonly ResultType[],
  { resultSetOptions, includeResultMetadata, formatRecordsAs }: AnswerOptions,
  session: Session,
): Promise<object> {
  // JSON is for SELECT and ignored for what else returns rows. Source: formatRecordsAs in the API model.
  if (formatRecordsAs === 'JSON' && command === 'SELECT') {
    const labels = fields.map(({ name }) => name);
    const repeated = labels.find((label, index) => labels.indexOf(label) !== index);
    if (repeated !== undefined) {
      throw validationError(
        `The result has more than one column with the label "${repeated}"; formatRecordsAs JSON needs an alias for each`,
      );
    }
    const records = rows.map((row) =>
      Object.fromEntries(row.map((text, at) => [labels[at], toJsonValue(text, types[at] as ResultType, resultSetOptions)])),
    );
    return { formattedRecords: JSON.stringify(records), numberOfRecordsUpdated: 0 };
  }
  return {
    ...(includeResultMetadata ? { columnMetadata: await columnMetadata(fields, types, session) } : {}),
    numberOfRecordsUpdated: 0,
    records: rows.map((row) => row.map((text, at) => toField(text, types[at] as ResultType, resultSetOptions))),
  };
}
