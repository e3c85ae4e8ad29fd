import { AwsError } from '../gateway/aws-error.ts';

/** Cuts one page out of a list that only grows at its end. Tokens carry the offset. @throws {AwsError} InvalidToken, ValidationException */
export function page<T>(
  items: readonly T[],
  { maxResults, nextToken }: { maxResults?: unknown; nextToken?: unknown },
): { items: T[]; nextToken?: string } {
  if (maxResults !== undefined && !(Number.isInteger(maxResults) && (maxResults as number) >= 0 && (maxResults as number) <= 1000)) {
    throw new AwsError('ValidationException', `maxResults is ${JSON.stringify(maxResults)}, expected a whole number from 0 to 1000`);
  }
  const size = Number(maxResults || 100);
  const start = nextToken === undefined ? 0 : Number(Buffer.from(String(nextToken), 'base64url').toString('utf8'));
  if (!Number.isInteger(start) || start < 0 || (nextToken !== undefined && start === 0)) {
    throw new AwsError('InvalidToken', `Invalid Token: '${nextToken}'; use the nextToken of the page before`);
  }
  const end = start + size;
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: Buffer.from(String(end)).toString('base64url') }) };
}
