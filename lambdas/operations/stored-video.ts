import { type RejectionCode, rejections } from '../transcoding/reasons.ts';
import type { VideoStatus } from './status.ts';

/** As the database gives it: the reason is a code. */
export type StoredVideo = Omit<VideoStatus, 'reason'> & { readonly reasonCode: string | null };

export function withReason({ reasonCode, ...video }: StoredVideo): VideoStatus {
  return { ...video, reason: reasonCode === null ? null : { code: reasonCode, ...sentencesOf(reasonCode) } };
}

/** A code that this version does not know was written by another one: the code itself is then all there is to say. */
function sentencesOf(code: string): { ko: string; en: string } {
  if (!Object.hasOwn(rejections, code)) return { ko: code, en: code };
  const { ko, en } = rejections[code as RejectionCode];
  return { ko, en };
}
