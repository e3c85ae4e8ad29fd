import { z } from 'zod';
import type { UploadDependencies } from './dependencies.ts';
import { listStoredParts } from './multipart.ts';
import { partCountOf, type StoredPart } from './part-plan.ts';
import { UploadError } from './upload-faults.ts';
import { readSession, type UploadSession } from './upload-session.ts';

/** About 100 bytes a part: an answer stays under 25 kB. */
const PARTS_A_PAGE = 200;

/** A session as clients see it. Where the object lies and what S3 calls the upload is nobody's business. */
export interface UploadView {
  readonly id: string;
  readonly videoId: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly partBytes: number;
  readonly partCount: number;
  /** `promoting`: all parts are there and joined, and the file is on its way to its place. */
  readonly status: 'open' | 'promoting' | 'completed' | 'aborted';
}

export interface UploadPage extends UploadView {
  /** Those that have arrived, ascending; what is not named up to `next` is missing. */
  readonly parts: readonly Pick<StoredPart, 'partNumber' | 'sizeBytes' | 'sha256'>[];
  /** The `after` of the next page; null on the last. */
  readonly next: number | null;
}

export const ReadUploadQuery = z.strictObject({ after: z.coerce.number().int().min(0).max(10_000).default(0) });

/** @throws {UploadError} UNKNOWN_UPLOAD; UPLOAD_EXPIRED when S3 has thrown its parts away */
export async function readUpload(
  id: string,
  { after }: z.output<typeof ReadUploadQuery>,
  { db, s3 }: UploadDependencies,
): Promise<UploadPage> {
  const session = await readSession(db, id);
  const view = viewOf(session);
  if (view.status !== 'open') return { ...view, parts: [], next: null };
  const stored = await listStoredParts(s3, { ...session, uploadId: session.s3UploadId });
  if (stored === undefined) {
    const now = viewOf(await readSession(db, id));
    if (now.status !== 'open') return { ...now, parts: [], next: null };
    throw new UploadError('UPLOAD_EXPIRED', { found: id });
  }
  const rest = stored.filter(({ partNumber }) => partNumber > after);
  const parts = rest.slice(0, PARTS_A_PAGE).map(({ partNumber, sizeBytes, sha256 }) => ({ partNumber, sizeBytes, sha256 }));
  return { ...view, parts, next: rest.length > parts.length ? (parts.at(-1)?.partNumber ?? null) : null };
}

export function viewOf(session: UploadSession): UploadView {
  const { id, videoId, fileName, contentType, sizeBytes, partBytes, status, sha256 } = session;
  const partCount = partCountOf(session);
  return {
    ...{ id, videoId, fileName, contentType, sizeBytes, partBytes, partCount },
    status: status === 'open' && sha256 !== null ? 'promoting' : status,
  };
}
