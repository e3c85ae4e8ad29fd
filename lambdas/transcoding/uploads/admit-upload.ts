import { z } from 'zod';
import { UserId } from '../../rollout/api/user-id.ts';
import { flagsFor } from '../../rollout/flags.ts';
import type { UploadDependencies } from './dependencies.ts';
import { extensionOf, isTaken } from './file-name.ts';
import { UploadError } from './upload-faults.ts';

/** Whose upload it is. Without a user it is an operator's: the edge lets nobody else this far (docs/decisions/0019-app-api.md). */
export const OpenUploadQuery = z.strictObject({ user: UserId.optional() });

const BYTES_PER_MIB = 1024 * 1024;

/**
 * Whether this user may upload this file now, and how large it may be. Asked when an upload is opened: what has begun may be finished.
 * @throws {UploadError} PROCESSING_OFF, UPLOAD_NOT_OPEN, UNSUPPORTED_EXTENSION
 */
export async function admitUpload(
  { user, fileName }: { readonly user?: string | undefined; readonly fileName: string },
  { flags: inForce, maxBytes }: Pick<UploadDependencies, 'flags' | 'maxBytes'>,
): Promise<{ readonly maxBytes: number }> {
  const flags = flagsFor(await inForce.value(), user);
  const { enabled, MAX_VIDEO_SIZE_MB: sizeMb, ALLOWED_VIDEO_FORMATS: formats } = flags.VIDEO_PROCESSING_ENABLED;
  if (!enabled) throw new UploadError('PROCESSING_OFF');
  if (user !== undefined && !flags.ENABLE_VIDEO_UPLOAD.enabled) throw new UploadError('UPLOAD_NOT_OPEN', { found: user });
  const extension = extensionOf(fileName);
  // What is taken nowhere is refused with the name's other faults (file-name.ts).
  if (Array.isArray(formats) && isTaken(extension) && !formats.includes(extension))
    throw new UploadError('UNSUPPORTED_EXTENSION', { found: extension, expected: formats.join(', ') });
  return { maxBytes: typeof sizeMb === 'number' ? Math.min(maxBytes, sizeMb * BYTES_PER_MIB) : maxBytes };
}
