import type { CompletedUpload } from '../../transcoding/uploads/complete-upload.ts';
import type { UploadPage, UploadView } from '../../transcoding/uploads/read-upload.ts';
import type { SignedPart } from '../../transcoding/uploads/sign-parts.ts';
import type { Label } from './labels.ts';
import { REQUEST_TIMEOUT_MS } from './send-command.ts';

/** What the API says no to, in its own words. */
export class UploadRefusedError extends Error {
  override readonly name = 'UploadRefusedError';
  readonly status: number;
  readonly label: Label;
  constructor(status: number, label: Label) {
    super(`${label.ko} ${label.en}`);
    this.status = status;
    this.label = label;
  }
}

export type UploadTarget = { readonly videoId: string } | { readonly channelId: string; readonly title: string };

/** Browsers know no type for some of what is taken, and then declare none. */
const TYPES: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  avi: 'video/x-msvideo',
  mov: 'video/quicktime',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
};

export function openUpload({ name, size, type }: File, target: UploadTarget): Promise<UploadView> {
  const contentType = TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? (type === '' ? 'application/octet-stream' : type);
  return call('POST', '', { ...target, fileName: name, sizeBytes: size, contentType });
}

/** The session with all the parts that have arrived, over as many pages as it takes. */
export async function readUpload(id: string, signal?: AbortSignal): Promise<UploadPage> {
  const first = await call<UploadPage>('GET', `/${id}`, undefined, signal);
  const parts = [...first.parts];
  for (let next = first.next; next !== null; ) {
    const page = await call<UploadPage>('GET', `/${id}?after=${next}`, undefined, signal);
    parts.push(...page.parts);
    next = page.next;
  }
  return { ...first, parts, next: null };
}

export async function signPart(id: string, partNumber: number, sha256: string, signal: AbortSignal): Promise<SignedPart> {
  const { parts } = await call<{ parts: SignedPart[] }>('POST', `/${id}/parts`, { parts: [{ partNumber, sha256 }] }, signal);
  const [part] = parts;
  if (part === undefined) throw new Error(`no URL came for part ${partNumber}`);
  return part;
}

export function completeUpload(id: string, sha256: string, signal: AbortSignal): Promise<CompletedUpload> {
  return call('POST', `/${id}/complete`, { sha256 }, signal);
}

export function abortUpload(id: string): Promise<UploadView> {
  return call('DELETE', `/${id}`);
}

async function call<Answer>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Answer> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const response = await fetch(`/api/uploads${path}`, {
    method,
    cache: 'no-store',
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  if (response.ok) return (await response.json()) as Answer;
  const refusal = (await response.json().catch(() => ({}))) as { error?: { ko?: string; en?: string } };
  throw new UploadRefusedError(response.status, {
    ko: refusal.error?.ko ?? `요청이 거절되었습니다 (HTTP ${response.status}).`,
    en: refusal.error?.en ?? `The request was refused (HTTP ${response.status}).`,
  });
}
