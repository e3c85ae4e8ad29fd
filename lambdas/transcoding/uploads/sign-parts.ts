import { z } from 'zod';
import type { UploadDependencies } from './dependencies.ts';
import { signPart } from './multipart.ts';
import { partCountOf, partSizeOf } from './part-plan.ts';
import { UploadError } from './upload-faults.ts';
import { readSession, type UploadSession } from './upload-session.ts';

/** A part may begin to travel as long as its URL holds; a slow line takes longer for one and is not cut off. */
const EXPIRES_IN_SECONDS = 15 * 60;
const MAX_PARTS_A_CALL = 20;

/** Parts that the client is about to send, each with the SHA-256 of its bytes in base64. */
export const SignPartsInput = z.strictObject({
  parts: z
    .array(z.strictObject({ partNumber: z.int().min(1).max(10_000), sha256: z.string().regex(/^[A-Za-z0-9+/]{43}=$/) }))
    .min(1)
    .max(MAX_PARTS_A_CALL),
});

export interface SignedPart {
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly method: 'PUT';
  readonly url: string;
  /** To be sent as they are: they are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** @throws {UploadError} when the upload is not open, or the file has no such part */
export async function signParts(
  id: string,
  { parts }: z.output<typeof SignPartsInput>,
  { db, s3, now }: UploadDependencies,
): Promise<{ readonly parts: readonly SignedPart[] }> {
  const session = await readSession(db, id);
  assertOpen(session);
  const expiresAt = new Date(now().getTime() + EXPIRES_IN_SECONDS * 1000).toISOString();
  const signed = await Promise.all(
    parts.map(async ({ partNumber, sha256 }): Promise<SignedPart> => {
      const sizeBytes = partSizeOf(session, partNumber);
      if (sizeBytes === undefined) throw new UploadError('NO_SUCH_PART', { found: partNumber, expected: `1 to ${partCountOf(session)}` });
      const multipart = { ...session, uploadId: session.s3UploadId };
      const { url, headers } = await signPart(s3, multipart, { partNumber, sizeBytes, sha256 }, EXPIRES_IN_SECONDS);
      return { partNumber, sizeBytes, method: 'PUT', url, headers, expiresAt };
    }),
  );
  return { parts: signed };
}

/** @throws {UploadError} UPLOAD_ABORTED, UPLOAD_COMPLETED (also while the file is on its way to its place: no part is taken any more) */
function assertOpen({ status, sha256, id }: UploadSession): void {
  if (status === 'aborted') throw new UploadError('UPLOAD_ABORTED', { found: id });
  if (status === 'completed' || sha256 !== null) throw new UploadError('UPLOAD_COMPLETED', { found: id });
}
