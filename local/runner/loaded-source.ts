import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import type { LegacySource } from '../legacy/legacy-source.ts';

/** Where a data directory's rows came from, as its legacy.json keeps it. */
interface LoadedSource {
  /** A path, a URL without its user, or that it is the sample. */
  readonly source: string;
  /** Of a dump that is a regular file; a pipe's bytes are gone once read. */
  readonly file?: FileState;
}

interface FileState {
  readonly sizeBytes: number;
  readonly modifiedAt: string;
  readonly sha256: string;
}

const MARKER = 'legacy.json';

/** Keeps in the data directory that it has the rows of `source`. */
export async function recordLoaded(dataDir: string, source: LegacySource): Promise<void> {
  const isFile = source.kind === 'dump' && statSync(source.file).isFile();
  const loaded: LoadedSource = {
    source: describe(source),
    ...(isFile && { file: { ...statOf(source.file), sha256: await hashOf(source.file) } }),
  };
  // Renamed into place: a kill never leaves half of it.
  const marker = join(dataDir, MARKER);
  writeFileSync(`${marker}.new`, JSON.stringify(loaded));
  renameSync(`${marker}.new`, marker);
}

/** Whether the data directory has the rows of `source`. @throws {UserError} when it has those of another source, or of the dump before it changed */
export async function isLoaded(dataDir: string, source: LegacySource): Promise<boolean> {
  if (!existsSync(join(dataDir, MARKER))) return false;
  const loaded = parseMarker(readFileSync(join(dataDir, MARKER), 'utf8'));
  const described = describe(source);
  if (loaded.source !== described && resolve(loaded.source) !== described) {
    throw refusal(`--data-dir ${dataDir} holds the rows of ${loaded.source}, not of ${described}; name another folder, or remove this one`);
  }
  if (source.kind !== 'dump' || loaded.file === undefined) return true;
  const now = statOf(source.file);
  const isUntouched = now.sizeBytes === loaded.file.sizeBytes && now.modifiedAt === loaded.file.modifiedAt;
  // Reading a large dump takes a while, and a copy of the same bytes has another time.
  if (!isUntouched && (await hashOf(source.file)) !== loaded.file.sha256) {
    throw refusal(
      `--data-dir ${dataDir} holds the rows of ${described} as it was (${inWords(loaded.file)}), and the file has changed since (${inWords(now)}); ` +
        'name another folder to load it anew, or give the file as it was to go on',
    );
  }
  return true;
}

/** The source without what it must not show: a URL's password. */
function describe(source: LegacySource): string {
  if (source.kind === 'sample') return 'the generated sample';
  if (source.kind === 'dump') return source.file;
  const { protocol, host, pathname } = new URL(source.url);
  return `${protocol}//${host}${pathname}`;
}

/** Folders of earlier versions have the source as bare text, a dump's path as it was given. */
function parseMarker(text: string): LoadedSource {
  return text.startsWith('{') ? (JSON.parse(text) as LoadedSource) : { source: text };
}

function statOf(file: string): Omit<FileState, 'sha256'> {
  const { size, mtime } = statSync(file);
  return { sizeBytes: size, modifiedAt: mtime.toISOString() };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

function inWords({ sizeBytes, modifiedAt }: Omit<FileState, 'sha256'>): string {
  return `${sizeBytes} bytes of ${modifiedAt}`;
}

function refusal(message: string): UserError {
  return new UserError(message, { exitCode: 2 });
}
