import { isEncodable, pickRungs, type SourcePicture } from '../transcoding/ladder.ts';
import { type RejectionCode, rejections } from '../transcoding/reasons.ts';
import type { Rendition, VideoStatus } from './status.ts';

/** As the database gives it: the reason is a code, the plan is the picture that its ladder is picked from. */
export type StoredVideo = Omit<VideoStatus, 'reason' | 'planned'> & {
  readonly reasonCode: string | null;
  readonly picture: SourcePicture | null;
};

export function videoStatus({ reasonCode, picture, ...video }: StoredVideo): VideoStatus {
  return {
    ...video,
    planned: picture === null ? [] : plannedFor(picture),
    reason: reasonCode === null ? null : { code: reasonCode, ...sentencesOf(reasonCode) },
  };
}

function plannedFor(picture: SourcePicture): readonly Rendition[] {
  return pickRungs(picture)
    .filter(isEncodable)
    .map(({ name, widthPx: width, heightPx: height }) => ({ name, width, height }));
}

/** A code that this version does not know was written by another one: the code itself is then all there is to say. */
function sentencesOf(code: string): { ko: string; en: string } {
  if (!Object.hasOwn(rejections, code)) return { ko: code, en: code };
  const { ko, en } = rejections[code as RejectionCode];
  return { ko, en };
}
