import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBinaries, findLinkerError } from '../../local/postgres/binaries.ts';
import { ensureCluster } from '../../local/postgres/cluster-directory.ts';
import { pickOsUser } from '../../local/postgres/os-user.ts';

const user = pickOsUser();
let scratch: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'videopick-binaries-test-'));
  chmodSync(scratch, 0o755);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** The installed binaries in a directory of the test's own, to be damaged. */
function copyOfNative(): string {
  const native = join(dirname(findBinaries(user).initdb), '..');
  const copy = join(scratch, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

it('names the shared library that is missing', async () => {
  const native = copyOfNative();
  const lib = readdirSync(join(native, 'lib')).find((name) => /^libicuuc\.so\.\d+$/.test(name)) ?? '';
  rmSync(join(native, 'lib', lib));
  const binaries = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), remove: () => {} };
  const failure = await ensureCluster(join(scratch, 'cluster'), binaries, user, { durable: false }).catch((error) => error);
  expect(failure).toMatchObject({ name: 'SharedLibraryMissingError', library: lib, message: expect.stringContaining('npm ci') });
  expect(existsSync(join(scratch, 'cluster'))).toBe(false);
});

it('gives the last words of an initdb that fails', async () => {
  const native = copyOfNative();
  rmSync(join(native, 'share'), { recursive: true });
  const binaries = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), remove: () => {} };
  await expect(ensureCluster(join(scratch, 'cluster'), binaries, user, { durable: false })).rejects.toMatchObject({
    name: 'InitdbError',
    message: expect.stringMatching(/exit code 1.*last words:\n.*initdb/s),
  });
});

it.each([
  [
    'glibc',
    'postgres: error while loading shared libraries: libicuuc.so.60: cannot open shared object file: No such file or directory',
    'libicuuc.so.60',
  ],
  ['musl', 'Error loading shared library libssl.so.1.1: No such file or directory (needed by postgres)', 'libssl.so.1.1'],
  [
    'macOS',
    'dyld[1]: Library not loaded: @loader_path/../lib/libz.1.dylib\n  Referenced from: postgres',
    '@loader_path/../lib/libz.1.dylib',
  ],
])('reads the complaint of the linker of %s', (_system, output, library) => {
  expect(findLinkerError('postgres', output)).toMatchObject({ library });
});

it('takes other output for what it is', () => {
  expect(findLinkerError('postgres', 'FATAL: out of memory')).toBeUndefined();
});
