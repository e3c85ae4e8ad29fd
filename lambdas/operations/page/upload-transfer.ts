import type { CompletedUpload } from '../../transcoding/uploads/complete-upload.ts';
import type { UploadPage } from '../../transcoding/uploads/read-upload.ts';
import { completeUpload, readUpload, signPart, UploadRefusedError } from './upload-client.ts';
import { compositeOf, sha256Base64 } from './upload-digest.ts';
import { sendPart } from './upload-send.ts';

const PARTS_AT_ONCE = 3;
const ATTEMPTS = 6;
const RETRY_MS = 1_000;
const ASK_AGAIN_MS = 2_000;

export interface TransferProgress {
  /** Bytes of the file that have arrived or are on their way. */
  readonly doneBytes: number;
  /** Of those, the ones sent since this transfer began: what its rate is counted from. */
  readonly sentBytes: number;
  readonly phase: 'sending' | 'promoting';
}

/**
 * Brings a file's missing parts to S3 and completes the upload. What is there already is compared by checksum, not sent again. Ends with the
 * signal's reason when it is aborted; the same call goes on from there.
 */
export async function transfer(
  file: File,
  id: string,
  onProgress: (progress: TransferProgress) => void,
  signal: AbortSignal,
): Promise<CompletedUpload> {
  const session = await readUpload(id, signal);
  const digests = await sendMissing(file, session, onProgress, signal);
  const whole = await compositeOf(digests);
  onProgress({ doneBytes: file.size, sentBytes: 0, phase: 'promoting' });
  for (;;) {
    const completed = await retrying(() => completeUpload(id, whole, signal), signal);
    if (completed.status === 'completed') return completed;
    await wait(ASK_AGAIN_MS, signal);
  }
}

async function sendMissing(
  file: File,
  { id, parts, partBytes, partCount, status }: UploadPage,
  onProgress: (progress: TransferProgress) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const there = new Map(parts.map(({ partNumber, sha256 }) => [partNumber, sha256]));
  const digests: string[] = [];
  const underWay = new Map<number, number>();
  let arrivedBytes = 0;
  let sentBytes = 0;
  const report = () => {
    const moving = [...underWay.values()].reduce((sum, bytes) => sum + bytes, 0);
    onProgress({ doneBytes: arrivedBytes + moving, sentBytes: sentBytes + moving, phase: 'sending' });
  };
  let next = 1;
  async function work(): Promise<void> {
    for (let partNumber = next++; partNumber <= partCount; partNumber = next++) {
      const bytes = await file.slice((partNumber - 1) * partBytes, partNumber * partBytes).arrayBuffer();
      const sha256 = await sha256Base64(bytes);
      digests[partNumber - 1] = sha256;
      if (status === 'open' && there.get(partNumber) !== sha256) {
        const current = partNumber;
        await retrying(async () => {
          underWay.set(current, 0);
          const signed = await signPart(id, current, sha256, signal);
          await sendPart(
            signed,
            bytes,
            (sent) => {
              underWay.set(current, sent);
              report();
            },
            signal,
          );
        }, signal);
        sentBytes += bytes.byteLength;
      }
      underWay.delete(partNumber);
      arrivedBytes += bytes.byteLength;
      signal.throwIfAborted();
      report();
    }
  }
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, work));
  return digests;
}

/** Again after a broken connection, an expired URL or a busy API, with growing pauses; not after a refusal, which would stay one. */
async function retrying<Result>(attempt: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      const isFinal = error instanceof UploadRefusedError && error.status < 500 && error.status !== 429;
      if (isFinal || failed === ATTEMPTS) throw error;
      await wait(RETRY_MS * 2 ** (failed - 1) * (0.5 + Math.random() / 2), signal);
    }
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
