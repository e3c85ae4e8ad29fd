import type { VideoStatus } from '../status.ts';
import { formatBytes, formatClock } from './format.ts';
import { type Label, labelOf, videoLabels } from './labels.ts';

/** `0:12 · 1280×720 · 4.2 MB`, of what plays. */
export function factsOf({ durationSeconds, resolution, fileSizeBytes }: VideoStatus): string {
  const facts = [
    durationSeconds === null ? undefined : formatClock(durationSeconds),
    resolution?.replace('x', '×'),
    fileSizeBytes === null ? undefined : formatBytes(fileSizeBytes),
  ];
  return facts.filter((fact) => fact !== undefined).join(' · ');
}

export function titleOf({ title, videoId }: VideoStatus): string {
  return title ?? (videoId === '' ? '알 수 없는 업로드 Unknown upload' : videoId);
}

/** A newer upload may have failed, or be at work, while an older output still plays: then both are said. */
export function stateOf({ status, url }: VideoStatus): Label {
  const label = labelOf(videoLabels, status);
  if (url === null || status === 'ready') return label;
  return { ko: `재생 가능 · 새 파일 ${label.ko}`, en: `Ready · new file ${label.en.toLowerCase()}` };
}

export function hrefOf({ id }: Pick<VideoStatus, 'id'>): string {
  return `#/videos/${encodeURIComponent(id)}`;
}

/** The id of the deep link `#/videos/<id>`, undefined for any other hash. */
export function linkedId(hash: string): string | undefined {
  const encoded = /^#\/videos\/([^/]+)$/.exec(hash)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
