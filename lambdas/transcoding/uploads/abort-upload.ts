import type { UploadDependencies } from './dependencies.ts';
import { abortMultipart } from './multipart.ts';
import { promotedKeyOf } from './promote-upload.ts';
import { type UploadView, viewOf } from './read-upload.ts';
import { UploadError } from './upload-faults.ts';
import { readSession, recordAborted } from './upload-session.ts';

/**
 * Takes an upload back. The video stays: a new one waits for the next file of its title. Safe to repeat.
 * @throws {UploadError} UPLOAD_COMPLETED
 */
export async function abortUpload(id: string, { db, s3 }: UploadDependencies): Promise<UploadView> {
  const session = await readSession(db, id);
  if (session.status === 'completed' || !(await recordAborted(db, id))) throw new UploadError('UPLOAD_COMPLETED', { found: id });
  // Recorded first: a part that arrives after the abort would be kept, and paid, until the lifecycle rules take it.
  await abortMultipart(s3, { ...session, uploadId: session.s3UploadId });
  if (session.promotionId !== null) {
    await abortMultipart(s3, { bucket: session.bucket, key: promotedKeyOf(session), uploadId: session.promotionId });
  }
  return viewOf(await readSession(db, id));
}
