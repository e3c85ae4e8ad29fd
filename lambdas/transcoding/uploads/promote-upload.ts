import type { UploadDependencies } from './dependencies.ts';
import { abortMultipart, copyPart, joinParts, listStoredParts, type Multipart, openMultipart, readFacts } from './multipart.ts';
import { compositeSha256, partCountOf, partRangeOf, type StoredPart } from './part-plan.ts';
import { UploadError } from './upload-faults.ts';
import { readSession, recordArrival, recordCompleted, replacePromotion, takeArrivalBack, type UploadSession } from './upload-session.ts';

/** S3 copies inside itself; this many at once finish 640 parts well within a few calls. */
const COPIES_AT_ONCE = 12;
/** For the last copies to end, the join and the records. */
const MARGIN_MS = 8_000;

export interface Promotion {
  readonly done: boolean;
  readonly copiedParts: number;
}

/**
 * Copies `temp/…` to `originals/<videoId>/<file>`, part by part along the parts it arrived in, so the copy's checksum is the one that was declared.
 * Stops when the time ends and goes on from what is there at the next call. The object appears, and its event is sent, exactly once.
 */
export async function promoteUpload(session: UploadSession, dependencies: UploadDependencies): Promise<Promotion> {
  const { db, s3 } = dependencies;
  const key = promotedKeyOf(session);
  const target = (uploadId: string): Multipart => ({ bucket: session.bucket, key, uploadId });
  let upload = target(session.promotionId ?? (await openPromotion(session, key, dependencies)));
  let copied = await listStoredParts(s3, upload);
  if (copied === undefined) {
    // Joined by a call whose answer or record was lost, or thrown away by the lifecycle rules.
    if (await isPromoted(session, key, dependencies)) return finish(session, key, dependencies);
    upload = target(await openPromotion(session, key, dependencies));
    copied = await listStoredParts(s3, upload);
  }
  const parts = await copyMissing(session, upload, copied ?? [], dependencies);
  if (parts.length < partCountOf(session)) return { done: false, copiedParts: parts.length };
  const found = compositeSha256(parts);
  if (found !== session.sha256) {
    await abortMultipart(s3, upload);
    throw new UploadError('CHECKSUM_MISMATCH', { found, expected: session.sha256 });
  }
  if ((await readSession(db, session.id)).status === 'aborted') throw new UploadError('UPLOAD_ABORTED', { found: session.id });
  await recordArrival(db, session.videoId); // before the event can be there
  if (!(await joinParts(s3, upload, parts)) && !(await isPromoted(session, key, dependencies))) {
    await takeArrivalBack(db, session.videoId);
    throw new UploadError('UPLOAD_EXPIRED', { found: session.id });
  }
  return finish(session, key, dependencies);
}

export function promotedKeyOf({ videoId, key }: Pick<UploadSession, 'videoId' | 'key'>): string {
  return `originals/${videoId}/${key.slice(key.lastIndexOf('/') + 1)}`;
}

async function openPromotion(session: UploadSession, key: string, { db, s3 }: UploadDependencies): Promise<string> {
  const address = { bucket: session.bucket, key };
  const metadata = { 'upload-session': session.id };
  const opened = await openMultipart(s3, address, { contentType: session.contentType, metadata });
  const counted = await replacePromotion(db, session.id, session.promotionId, opened);
  if (counted !== opened) await abortMultipart(s3, { ...address, uploadId: opened });
  return counted;
}

async function copyMissing(
  session: UploadSession,
  upload: Multipart,
  copied: readonly StoredPart[],
  { s3, timeLeftMs }: UploadDependencies,
): Promise<readonly StoredPart[]> {
  const count = partCountOf(session);
  const there = new Set(copied.map(({ partNumber }) => partNumber));
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((partNumber) => !there.has(partNumber));
  if (missing.length === 0) return copied;
  const copyAll = async () => {
    for (let partNumber = missing.shift(); partNumber !== undefined; partNumber = missing.shift()) {
      if (timeLeftMs() < MARGIN_MS) return;
      const { first, last } = partRangeOf(session, partNumber);
      // A range may only be taken of objects above 5 MB, and one part is the whole.
      await copyPart(s3, upload, { partNumber, source: session, range: count === 1 ? undefined : `bytes=${first}-${last}` });
    }
  };
  await Promise.all(Array.from({ length: COPIES_AT_ONCE }, copyAll));
  return (await listStoredParts(s3, upload)) ?? copied;
}

/** Whether what lies there came from this session: an earlier upload of the same name may lie there too. */
async function isPromoted(session: UploadSession, key: string, { s3 }: UploadDependencies): Promise<boolean> {
  const facts = await readFacts(s3, { bucket: session.bucket, key });
  return facts?.metadata['upload-session'] === session.id && facts.sizeBytes === session.sizeBytes;
}

async function finish(session: UploadSession, key: string, { db }: UploadDependencies): Promise<Promotion> {
  await recordArrival(db, session.videoId);
  await recordCompleted(db, session.id, key);
  return { done: true, copiedParts: partCountOf(session) };
}
