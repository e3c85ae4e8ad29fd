/** What the API answers. */
export interface ApiResponse {
  readonly status: number;
  /** Lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** A handler's answer: this shape, or anything else, which then is the JSON body of a 200. */
interface HandlerAnswer {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** An answer of the service itself, in its words. */
export function serviceAnswer(status: number, message: string): ApiResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ message })) };
}

/** @throws when the status is none, which the service answers with 500 */
export function handlerAnswer(result: unknown): ApiResponse {
  const shaped = typeof result === 'object' && result !== null && 'statusCode' in result;
  const answer: HandlerAnswer = shaped
    ? (result as HandlerAnswer)
    : { statusCode: 200, body: typeof result === 'string' ? result : (JSON.stringify(result) ?? '') };
  const status = Number(answer.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599)
    throw new Error(`the handler answered the status ${JSON.stringify(answer.statusCode)}; a number was expected`);
  const headers: Record<string, string | string[]> = shaped ? {} : { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (answer.cookies !== undefined && answer.cookies.length > 0) headers['set-cookie'] = [...answer.cookies];
  headers['content-type'] ??= 'text/plain; charset=utf-8';
  return { status, headers, body: Buffer.from(answer.body ?? '', answer.isBase64Encoded === true ? 'base64' : 'utf8') };
}
