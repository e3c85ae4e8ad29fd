import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** One numbered SQL file of `database/migrations/`. */
export interface MigrationFile {
  readonly version: number;
  /** `000003-tracking.sql` */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, hex. */
  readonly checksum: string;
}

/** The folder holds something else than one file per number. */
export class MigrationFilesError extends Error {
  override readonly name = 'MigrationFilesError';
}

/** Reads the numbered files of a folder, in order. @throws {MigrationFilesError} for a file name without number, a number used twice or left out */
export async function readMigrationFiles(folder: URL): Promise<readonly MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map(async (name) => migrationFile(name, await readFile(new URL(name, folder), 'utf8'))));
  for (const [index, file] of files.entries()) {
    if (file.version !== index + 1) {
      throw new MigrationFilesError(
        `${file.name} stands where number ${String(index + 1).padStart(6, '0')} was expected; numbers go up by one, each once`,
      );
    }
  }
  return files;
}

export function migrationFile(name: string, sql: string): MigrationFile {
  const version = /^(\d{6})-[a-z0-9-]+\.sql$/.exec(name)?.[1];
  if (version === undefined)
    throw new MigrationFilesError(`"${name}" does not name a migration; expected six digits and words, as in 000003-tracking.sql`);
  return { version: Number(version), name, sql, checksum: checksum(sql) };
}

export function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
