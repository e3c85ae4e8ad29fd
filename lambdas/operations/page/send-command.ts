/** Above the function's own limit of 30 s, so that its answer decides. */
export const REQUEST_TIMEOUT_MS = 35_000;

/** The API answered, but not with what was asked for. */
export class RefusedByApiError extends Error {
  override readonly name = 'RefusedByApiError';
  readonly status: number;
  constructor(status: number, words: unknown) {
    super(`HTTP ${status}${typeof words === 'string' ? `: ${words}` : ''}`);
    this.status = status;
  }
}

/** Reads JSON from the API. @throws {RefusedByApiError} with the API's own words */
export async function readJson<Answer>(path: string): Promise<Answer> {
  return answered<Answer>(await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }));
}

/**
 * Sends a command. CloudFront signs what it passes on to the function, and for a body it needs the hash from whoever sends it.
 * Source: CloudFront, "Restrict access to an AWS Lambda function URL origin".
 */
export async function sendCommand<Answer>(path: string, command: object): Promise<Answer> {
  const body = new TextEncoder().encode(JSON.stringify(command));
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-amz-content-sha256': await sha256(body) },
    body,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  return answered<Answer>(response);
}

async function answered<Answer>(response: Response): Promise<Answer> {
  if (response.ok) return (await response.json()) as Answer;
  const refusal = (await response.json().catch(() => ({}))) as { error?: unknown };
  throw new RefusedByApiError(response.status, refusal.error);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
