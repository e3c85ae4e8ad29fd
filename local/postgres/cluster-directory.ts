import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Binaries, findLinkerError } from './binaries.ts';
import { DataDirectoryError, InitdbError } from './errors.ts';
import { canEnter, type OsUser } from './os-user.ts';

const MAJOR_VERSION = '17';

/** How a process of `user` is told of a directory: its path and the working directory to start in. */
export interface DirectoryView {
  readonly path: string;
  readonly cwd: string;
}

/**
 * Makes the cluster unless it is there. `initdb` works in a sibling directory that is renamed when it is done, so an interrupted one leaves
 * nothing that looks like a cluster. Answers the directory's real path.
 * @throws {DataDirectoryError} @throws {InitdbError}
 */
export async function ensureCluster(dataDir: string, binaries: Binaries, user: OsUser, { durable }: { durable: boolean }): Promise<string> {
  const directory = resolve(dataDir);
  try {
    if (isCluster(directory)) return realpathSync(directory);
    const draft = `${directory}.initializing`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    if (user.uid !== undefined && user.gid !== undefined) chownSync(draft, user.uid, user.gid);
    try {
      await initdb(binaries.initdb, draft, user, durable);
      renameSync(draft, directory);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    return realpathSync(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || error instanceof DataDirectoryError || error instanceof InitdbError) throw error;
    throw new DataDirectoryError(directory, explain(code, error as Error), { cause: error });
  }
}

/**
 * A directory below one that `user` may not enter (such as root's home) is still reachable as the working directory that the process is
 * started in; Linux names it /proc/self/cwd.
 */
export function viewOf(directory: string, user: OsUser): DirectoryView {
  if (canEnter(user, directory)) return { path: directory, cwd: directory };
  if (process.platform === 'linux') return { path: '/proc/self/cwd', cwd: directory };
  throw new DataDirectoryError(directory, 'the OS user PostgreSQL runs as may not enter one of its parent directories');
}

/** @throws {DataDirectoryError} for a directory with other contents, or of another major version */
function isCluster(directory: string): boolean {
  if (!existsSync(directory)) return false;
  if (!statSync(directory).isDirectory()) throw new DataDirectoryError(directory, 'it is not a directory');
  if (existsSync(join(directory, 'PG_VERSION'))) {
    const version = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
    if (version === MAJOR_VERSION) return true;
    throw new DataDirectoryError(directory, `it holds a cluster of PostgreSQL ${version}, and this is PostgreSQL ${MAJOR_VERSION}`);
  }
  const contents = readdirSync(directory);
  if (contents.length === 0) return false;
  throw new DataDirectoryError(directory, `it holds other files (${contents.slice(0, 3).join(', ')}) and no PostgreSQL cluster`);
}

async function initdb(program: string, directory: string, user: OsUser, durable: boolean): Promise<void> {
  const { path, cwd } = viewOf(directory, user);
  const parameters = [
    `--pgdata=${path}`,
    '--username=postgres',
    // Any local process can reach the gateway, and through it every row; a password here would only look like protection.
    '--auth=trust',
    '--encoding=UTF8',
    // The builtin provider sorts by code point: the same on every machine, whatever locales it has.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  const child = spawn(program, parameters, { ...user, cwd, env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exit = await new Promise<string | undefined>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done(code === 0 ? undefined : signal ? `signal ${signal}` : `exit code ${code}`));
  });
  if (exit !== undefined) throw findLinkerError(program, output) ?? new InitdbError(directory, exit, output);
}

function explain(code: string, error: Error): string {
  const texts: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'one of its parents is not a directory',
    ENOSPC: 'the disk is full',
  };
  return texts[code] ?? error.message;
}
