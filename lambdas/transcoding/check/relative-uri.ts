import { posix } from 'node:path';

/** Where a playlist's URI leads, relative to the output's folder; or, in words, why it may not be used (check 2). */
export function resolveUri(playlist: string, uri: string): { readonly file: string } | { readonly refused: string } {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri) || uri.startsWith('/')) return { refused: 'absolute' };
  if (/[?#\\]/.test(uri)) return { refused: 'with a query, a fragment or a backslash' };
  const path = decode(uri);
  if (path === undefined) return { refused: 'badly encoded' };
  const file = posix.join(posix.dirname(playlist), path);
  return file.startsWith('../') || path.split('/').includes('..') ? { refused: 'leaving its folder' } : { file };
}

function decode(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri);
  } catch {
    return undefined;
  }
}
