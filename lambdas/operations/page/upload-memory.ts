/** What is kept of an upload under way, so that a closed tab loses nothing. */
export interface RememberedUpload {
  readonly id: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly fingerprint: string;
}

const KEY = 'videopick.upload';

export function rememberUpload(upload: RememberedUpload): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(upload));
  } catch {
    // Storage is full or forbidden: the upload goes on, and after a closed tab the API finds it again for the same file and video.
  }
}

export function recallUpload(): RememberedUpload | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<RememberedUpload> | null;
    const isWhole = typeof kept?.id === 'string' && typeof kept.fileName === 'string' && typeof kept.fingerprint === 'string';
    return isWhole && typeof kept.sizeBytes === 'number' ? (kept as RememberedUpload) : undefined;
  } catch {
    return undefined; // not what was written here
  }
}

export function forgetUpload(): void {
  localStorage.removeItem(KEY);
}
