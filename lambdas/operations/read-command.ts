import type { z } from 'zod';
import type { ConsoleRequest } from './console.ts';
import { RefusedRequestError } from './errors.ts';

/** A hundred ids and room to spare. */
const MAX_BODY_BYTES = 16 * 1024;

/**
 * The body of a command, once it is sure that the console's own page sent it. The operators' networks are the lock of the console, and a page of
 * anybody that is open inside them is inside too: so a browser has to say that the request is of the same origin, and the content type is one that
 * no page may send elsewhere without asking first, which nothing here allows.
 * @throws {RefusedRequestError} saying what is wrong with it
 */
export function readCommand<Schema extends z.ZodType>(
  { headers, body, isBase64Encoded }: ConsoleRequest,
  schema: Schema,
): z.output<Schema> {
  if (headers?.['sec-fetch-site'] !== 'same-origin') {
    throw new RefusedRequestError(403, 'commands are taken from the console’s own page alone (Sec-Fetch-Site: same-origin)');
  }
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new RefusedRequestError(415, 'send the command as application/json');
  }
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    throw new RefusedRequestError(413, `the body has ${bytes.length} bytes; at most ${MAX_BODY_BYTES} are taken`);
  }
  return parseOrRefuse(schema, parseJson(bytes.toString('utf8')));
}

/** @throws {RefusedRequestError} 400, naming every field that does not fit */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new RefusedRequestError(400, `the request does not fit: ${faults.join('; ')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedRequestError(400, 'the body is not JSON');
  }
}
