import { z } from 'zod';
import { checkParts } from './check-parts.ts';
import type { UploadDependencies } from './dependencies.ts';
import { joinParts, listStoredParts, readFacts } from './multipart.ts';
import { partCountOf } from './part-plan.ts';
import { promoteUpload } from './promote-upload.ts';
import { type UploadView, viewOf } from './read-upload.ts';
import { UploadError } from './upload-faults.ts';
import { claimCompletion, readSession, recordJoined, releaseCompletion, type UploadSession } from './upload-session.ts';

/** SHA-256 over the digests of all parts, in base64, `-`, their number: what S3 computes as well. */
export const CompleteUploadInput = z.strictObject({ sha256: z.string().regex(/^[A-Za-z0-9+/]{43}=-\d{1,5}$/) });

export interface CompletedUpload extends UploadView {
  /** Of `partCount`: how far the file is on its way to its place. */
  readonly copiedParts: number;
}

/**
 * Checks that all parts are there with their sizes and that the whole is what the client declared, joins them and promotes the file. Safe to
 * repeat: a call that ran out of time (`promoting`) or whose answer was lost goes on where it stood, and finds its result at the end.
 * @throws {UploadError}
 */
export async function completeUpload(
  id: string,
  { sha256 }: z.output<typeof CompleteUploadInput>,
  dependencies: UploadDependencies,
): Promise<CompletedUpload> {
  const { db, newId } = dependencies;
  const before = await readSession(db, id);
  if (isSettled(before)) return { ...viewOf(before), copiedParts: partCountOf(before) };
  const request = newId();
  // Another request is at it: its result can be asked for in a moment.
  if (!(await claimCompletion(db, id, request))) return { ...viewOf(before), status: 'promoting', copiedParts: 0 };
  try {
    return await completeClaimed(await readSession(db, id), sha256, dependencies);
  } finally {
    await releaseCompletion(db, id, request);
  }
}

async function completeClaimed(session: UploadSession, sha256: string, dependencies: UploadDependencies): Promise<CompletedUpload> {
  if (isSettled(session)) return { ...viewOf(session), copiedParts: partCountOf(session) };
  if (session.sha256 === null) await join(session, sha256, dependencies);
  else if (session.sha256 !== sha256) throw new UploadError('CHECKSUM_MISMATCH', { found: session.sha256, expected: sha256 });
  const { copiedParts } = await promoteUpload({ ...session, sha256 }, dependencies);
  return { ...viewOf(await readSession(dependencies.db, session.id)), copiedParts };
}

/** @throws {UploadError} UPLOAD_ABORTED */
function isSettled({ id, status }: UploadSession): boolean {
  if (status === 'aborted') throw new UploadError('UPLOAD_ABORTED', { found: id });
  return status === 'completed';
}

async function join(session: UploadSession, declared: string, { db, s3 }: UploadDependencies): Promise<void> {
  const upload = { ...session, uploadId: session.s3UploadId };
  const parts = await listStoredParts(s3, upload);
  if (parts !== undefined) checkParts(session, parts, declared);
  if (parts === undefined || !(await joinParts(s3, upload, parts))) {
    // Joined by a call whose record was lost, or thrown away by the lifecycle rules.
    const facts = await readFacts(s3, session);
    if (facts === undefined) throw new UploadError('UPLOAD_EXPIRED', { found: session.id });
    if (facts.sha256 !== declared) throw new UploadError('CHECKSUM_MISMATCH', { found: facts.sha256 ?? null, expected: declared });
  }
  await recordJoined(db, session.id, declared);
}
