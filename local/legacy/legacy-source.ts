import { closeSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';

/** Where the LinkPick rows come from. */
export type LegacySource =
  | { readonly kind: 'sample'; readonly seed?: number }
  /** Plain SQL as pg_dump writes it; an absolute path, so that a file has one name however it was given. */
  | { readonly kind: 'dump'; readonly file: string }
  /** A database that is read and never written. */
  | { readonly kind: 'url'; readonly url: string };

/** The value of `--legacy FILE|URL`. @throws {UserError} (exit code 2) for a malformed URL and a file that is not there or not readable */
export function parseLegacyFlag(text: string): LegacySource {
  if (/^postgres(ql)?:\/\//i.test(text)) {
    if (!URL.canParse(text)) {
      throw refusal(
        'the URL cannot be parsed; expected postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters in the password percent-encoded',
      );
    }
    return { kind: 'url', url: text };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined) throw refusal(`found a ${scheme}:// URL; expected a file or a postgres:// URL`);
  if (text === '') throw refusal('found nothing; expected a file or a postgres:// URL');
  return { kind: 'dump', file: readableFile(resolve(text)) };
}

function readableFile(file: string): string {
  let isDirectory: boolean;
  try {
    closeSync(openSync(file, 'r'));
    isDirectory = statSync(file).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'does not exist' : code === 'EACCES' ? 'cannot be read by this user' : `cannot be opened (${code})`;
    throw refusal(`the file ${file} ${found}; expected a plain-SQL pg_dump or a postgres:// URL`, error);
  }
  if (isDirectory) {
    throw refusal(`${file} is a directory; if pg_dump made it (-Fd), convert it to plain SQL first: pg_restore -f legacy.sql ${file}`);
  }
  return file;
}

function refusal(what: string, cause?: unknown): UserError {
  return new UserError(`--legacy: ${what}`, { exitCode: 2, cause });
}
