import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';

/** Where one stack keeps its state: held by one process at a time. */
export interface DataDirectory {
  readonly path: string;
  /** Gives the folder up; a temporary one is removed. */
  release(): void;
}

export class DataDirectoryError extends UserError {
  override readonly name = 'DataDirectoryError';
}

const LOCK_FILE = 'videopick.pid';

/** Takes the folder, or a fresh temporary one. @throws {DataDirectoryError} when it cannot be used, or another process that runs has it */
export function openDataDirectory(path: string | undefined): DataDirectory {
  if (path === undefined) {
    const temporary = mkdtempSync(join(tmpdir(), 'videopick-'));
    // PostgreSQL may have to run as another user (as root it must) and passes through here to its own folder.
    chmodSync(temporary, 0o711);
    return { path: temporary, release: () => rmSync(temporary, { recursive: true, force: true }) };
  }
  makeUsable(path);
  const lock = join(path, LOCK_FILE);
  takeLock(path, lock);
  return { path, release: () => rmSync(lock, { force: true }) };
}

function makeUsable(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.R_OK | constants.X_OK);
  } catch (error) {
    const found =
      existsSync(path) && !statSync(path).isDirectory()
        ? 'is not a folder'
        : `cannot be written to (${(error as NodeJS.ErrnoException).code})`;
    throw new DataDirectoryError(`--data-dir ${path} ${found}; name a folder that you may write to`, { exitCode: 2, cause: error });
  }
}

/** Linking fails when the lock is there, so of two that start at once one gets the folder, and a lock is never seen without its owner. */
function takeLock(path: string, lock: string): void {
  const own = `${lock}.${process.pid}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(own, String(process.pid));
      linkSync(own, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(lock, 'utf8'));
      if (isRunning(owner)) {
        throw new DataDirectoryError(`--data-dir ${path} is in use by process ${owner}; stop that npm start first, or name another folder`);
      }
      rmSync(lock, { force: true });
    } finally {
      rmSync(own, { force: true });
    }
  }
  throw new DataDirectoryError(`--data-dir ${path} was taken by another npm start just now; stop it, or name another folder`);
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
