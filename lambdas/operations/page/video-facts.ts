import type { VideoStatus } from '../status.ts';
import { formatBytes, formatClock, formatCost, formatDateTime, formatMinutes } from './format.ts';
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

const AT_WORK: ReadonlySet<VideoStatus['status']> = new Set(['uploaded', 'inspecting', 'encoding', 'checking']);

/** Whether the newest upload still goes on. */
export function isAtWork({ status }: Pick<VideoStatus, 'status'>): boolean {
  return AT_WORK.has(status);
}

/** A newer upload may have failed, or be at work, while an older output still plays: then both are said. */
export function stateOf({ status, url, progressPercent }: VideoStatus): Label {
  if (status === null) return { ko: '업로드 없음', en: 'Nothing uploaded yet' };
  const { ko, en } = labelOf(videoLabels, status);
  const label = status === 'encoding' ? { ko: `${ko} ${progressPercent}%`, en } : { ko, en };
  if (url === null || status === 'ready') return label;
  return { ko: `재생 가능 · 새 파일 ${label.ko}`, en: `Ready · new file ${en.toLowerCase()}` };
}

/** Which upload ended without an outcome, and since when the one that plays instead is there. */
export function lapseOf({ status, version, uploadedAt, playing }: VideoStatus): Label | undefined {
  if ((status !== 'failed' && status !== 'cancelled') || uploadedAt === null) return undefined;
  const upload = { ko: `${formatDateTime(uploadedAt)} 업로드`, en: `Upload of ${formatDateTime(uploadedAt)}` };
  const named = version === null ? '' : ` (${version})`;
  if (playing === null) return { ko: upload.ko + named, en: upload.en };
  const since = formatDateTime(playing.uploadedAt);
  return {
    ko: `${upload.ko}${named}는 반영되지 않았고, ${since} 업로드가 계속 재생됩니다.`,
    en: `${upload.en} is not published; that of ${since} still plays.`,
  };
}

/** What the newest upload's jobs cost: output minutes, before and after. */
export function costOf({ estimate, actual }: VideoStatus): Label | undefined {
  const known = actual ?? estimate;
  if (known === null) return undefined;
  const minutes = formatMinutes(known.outputMinutes);
  const [expected, real] = [estimate, actual].map((cost) => (cost === null ? undefined : formatCost(cost.costUsd)));
  return {
    ko: [`출력 ${minutes}분`, expected && `예상 ${expected}`, real && `실제 ${real}`].filter(Boolean).join(' · '),
    en: [`${minutes} output min`, expected && `estimate ${expected}`, real && `actual ${real}`].filter(Boolean).join(' · '),
  };
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
