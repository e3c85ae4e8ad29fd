import { z } from 'zod';
import type { UploadDependencies } from './dependencies.ts';
import { contentTypeOf, objectName } from './file-name.ts';
import { abortMultipart, listStoredParts, openMultipart } from './multipart.ts';
import { openVideo, requireVideo } from './new-video.ts';
import { UploadError } from './upload-faults.ts';
import { findOpenSession, insertSession, recordAborted, type UploadSession } from './upload-session.ts';

const File = {
  fileName: z.string().min(1),
  sizeBytes: z.int(),
  contentType: z.string().min(1),
};

/** The file, and the video it is for: one that is there, or a title in a channel. */
export const OpenUploadInput = z.union([
  z.strictObject({ ...File, videoId: z.string().min(1).max(30) }),
  z.strictObject({ ...File, channelId: z.uuid(), title: z.string().trim().min(1).max(255) }),
]);
export type OpenUploadInput = z.output<typeof OpenUploadInput>;

/** Opens an upload, or finds the one that is open for the same file and video. Nothing is made before everything has been checked. */
export async function openUpload(
  input: OpenUploadInput,
  dependencies: UploadDependencies,
): Promise<{ readonly session: UploadSession; readonly opened: boolean }> {
  const { db, s3, bucket, partBytes, newId } = dependencies;
  const { fileName, sizeBytes } = input;
  const contentType = contentTypeOf(fileName, input.contentType);
  assertSize(sizeBytes, dependencies.maxBytes);
  const videoId = 'videoId' in input ? input.videoId : await openVideo(db, input, fileName, newId);
  if ('videoId' in input) await requireVideo(db, videoId);
  const found = await findUsable({ videoId, fileName, sizeBytes, contentType }, dependencies);
  if (found !== undefined) return { session: found, opened: false };
  const id = newId();
  const key = `temp/${id}/${objectName(fileName)}`;
  const s3UploadId = await openMultipart(s3, { bucket, key }, { contentType, metadata: { 'upload-session': id } });
  const session = await insertSession(db, { id, videoId, bucket, key, s3UploadId, fileName, contentType, sizeBytes, partBytes });
  // Another request for the same file was first: one upload is enough.
  if (session.id !== id) await abortMultipart(s3, { bucket, key, uploadId: s3UploadId });
  return { session, opened: session.id === id };
}

/** An open session whose parts the lifecycle rules took away is no use to anybody. */
async function findUsable(
  file: Pick<UploadSession, 'videoId' | 'fileName' | 'sizeBytes' | 'contentType'>,
  { db, s3 }: UploadDependencies,
): Promise<UploadSession | undefined> {
  const session = await findOpenSession(db, file);
  if (session === undefined || session.sha256 !== null) return session;
  if ((await listStoredParts(s3, { ...session, uploadId: session.s3UploadId })) !== undefined) return session;
  await recordAborted(db, session.id);
  return undefined;
}

function assertSize(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes <= 0) throw new UploadError('EMPTY_FILE', { found: sizeBytes, expected: 'at least 1 byte' });
  if (sizeBytes > maxBytes) throw new UploadError('FILE_TOO_LARGE', { found: sizeBytes, expected: maxBytes });
}
