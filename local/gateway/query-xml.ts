import { element } from '../s3/xml.ts';
import type { AwsError } from './aws-error.ts';
import type { QueryResult } from './service.ts';

/** The answer of an operation of the AWS query protocol: `<PublishResponse><PublishResult>…`. */
export function queryAnswer(action: string, result: QueryResult, xmlNamespace: string, requestId: string): string {
  return element(`${action}Response xmlns="${xmlNamespace}"`, [
    element(`${action}Result`, members(result)),
    element('ResponseMetadata', [element('RequestId', requestId)]),
  ]);
}

export function queryError({ code, status, message }: AwsError, requestId: string): string {
  const error = [element('Type', status < 500 ? 'Sender' : 'Receiver'), element('Code', code), element('Message', message)];
  return element('ErrorResponse', [element('Error', error), element('RequestId', requestId)]);
}

function members(result: QueryResult): string[] {
  return Object.entries(result).map(([name, value]) => {
    if (typeof value === 'string') return element(name, value);
    return element(
      name,
      Array.isArray(value) ? value.map((item: QueryResult) => element('member', members(item))) : members(value as QueryResult),
    );
  });
}
