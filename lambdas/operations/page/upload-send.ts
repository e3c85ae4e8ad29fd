import type { SignedPart } from '../../transcoding/uploads/sign-parts.ts';

/** S3 did not take a part, or could not be reached. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError';
}

/** Sends one part. XMLHttpRequest, because `fetch` does not tell how much has left. */
export function sendPart(
  { url, method, headers }: SignedPart,
  body: ArrayBuffer,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', stop);
      settle();
    };
    const fail = (what: string) => end(() => reject(new PartFailedError(what)));
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => (request.status === 200 ? end(resolve) : fail(`HTTP ${request.status}`));
    request.onerror = () => fail('the connection broke off');
    request.onabort = () => end(() => reject(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) return end(() => reject(signal.reason));
    request.send(body);
  });
}
