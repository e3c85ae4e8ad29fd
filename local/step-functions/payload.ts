import { FatalError } from './fatal-error.ts';

/** Of every input, output and task result, as UTF-8. Source: Step Functions quotas. */
export const MAX_PAYLOAD_BYTES = 262_144;

/** The payload's JSON text. @throws {FatalError} `States.DataLimitExceeded`, worded as the service does */
export function payloadText(value: unknown, what: string): string {
  const text = JSON.stringify(value) ?? 'null';
  if (exceedsPayloadLimit(text)) {
    throw new FatalError(
      'States.DataLimitExceeded',
      `${what} with a size exceeding the maximum number of bytes service limit (${Buffer.byteLength(text)} of ${MAX_PAYLOAD_BYTES} bytes).`,
    );
  }
  return text;
}

export function exceedsPayloadLimit(text: string): boolean {
  // No UTF-16 unit takes more than three bytes, so most texts need no second look.
  return text.length * 3 > MAX_PAYLOAD_BYTES && Buffer.byteLength(text) > MAX_PAYLOAD_BYTES;
}
