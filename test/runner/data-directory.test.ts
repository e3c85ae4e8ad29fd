import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirectoryError, openDataDirectory } from '../../local/runner/data-directory.ts';

let folder: string;
/** Ends what a failed test has left running. */
const others = new Set<ChildProcess>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-directory-'));
});
afterEach(() => {
  for (const other of others) other.kill('SIGKILL');
  others.clear();
  rmSync(folder, { recursive: true, force: true });
});

const lockOf = (path: string) => join(path, 'videopick.pid');
function refusal(path: string): DataDirectoryError {
  try {
    openDataDirectory(path).release();
  } catch (error) {
    expect(error).toBeInstanceOf(DataDirectoryError);
    return error as DataDirectoryError;
  }
  throw new Error(`${path} was not refused`);
}

/** Another process that takes the folder, and says so or says why not. It holds it until it is ended. */
async function otherProcess(path: string) {
  const script = `
    const { openDataDirectory } = await import(${JSON.stringify(new URL('../../local/runner/data-directory.ts', import.meta.url).href)});
    try { openDataDirectory(${JSON.stringify(path)}); process.stdout.write('taken\\n'); setInterval(() => {}, 1000); }
    catch (error) { process.stdout.write(error.message + '\\n'); }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  others.add(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said = await new Promise<string>((resolve) =>
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim())),
  );
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return { pid: child.pid, said, end };
}

describe('a named data directory', () => {
  it('is made, held by this process, and kept when it is given up', () => {
    const path = join(folder, 'a', 'b');
    const directory = openDataDirectory(path);
    expect(directory.path).toBe(path);
    expect(readFileSync(lockOf(path), 'utf8')).toBe(String(process.pid));
    writeFileSync(join(path, 'state'), 'kept');
    directory.release();
    expect(existsSync(lockOf(path))).toBe(false);
    expect(readFileSync(join(path, 'state'), 'utf8')).toBe('kept');
  });

  it('is refused while another process has it, and free when that one was killed', async () => {
    const other = await otherProcess(folder);
    try {
      expect(other.said).toBe('taken');
      const { message, exitCode } = refusal(folder);
      expect(message).toBe(`--data-dir ${folder} is in use by process ${other.pid}; stop that npm start first, or name another folder`);
      expect(exitCode).toBe(1);
      expect(readFileSync(lockOf(folder), 'utf8')).toBe(String(other.pid)); // the refused one took nothing away
    } finally {
      await other.end('SIGKILL');
    }
    expect(existsSync(lockOf(folder))).toBe(true);
    const directory = openDataDirectory(folder);
    expect(readFileSync(lockOf(folder), 'utf8')).toBe(String(process.pid));
    directory.release();
  });

  it('is refused to another process while this one has it', async () => {
    const directory = openDataDirectory(folder);
    const other = await otherProcess(folder);
    expect(other.said).toContain(`is in use by process ${process.pid}`);
    await other.end('SIGTERM');
    directory.release();
  });

  it.each(['', 'no number', '0', '-1', '4194305'])('is taken over when its lock names nobody who runs (%j)', (content) => {
    writeFileSync(lockOf(folder), content);
    openDataDirectory(folder).release();
    expect(existsSync(lockOf(folder))).toBe(false);
  });

  it('is refused as wrong usage when it is a file, or under one', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(refusal(file)).toMatchObject({
      message: `--data-dir ${file} is not a folder; name a folder that you may write to`,
      exitCode: 2,
    });
    expect(refusal(join(file, 'below'))).toMatchObject({ message: expect.stringContaining('cannot be written to (ENOTDIR)'), exitCode: 2 });
  });

  it.skipIf(process.getuid?.() === 0)('is refused when it may not be written to (root may)', () => {
    const path = join(folder, 'closed');
    mkdirSync(path);
    chmodSync(path, 0o555);
    expect(refusal(path)).toMatchObject({ message: expect.stringContaining('cannot be written to (EACCES)'), exitCode: 2 });
  });
});

describe('without a name', () => {
  it('is a fresh folder each time, which other users may pass through, and which goes with the run', () => {
    const [one, two] = [openDataDirectory(undefined), openDataDirectory(undefined)];
    try {
      expect(one.path).not.toBe(two.path);
      expect(statSync(one.path).mode & 0o777).toBe(0o711);
      writeFileSync(join(one.path, 'state'), '');
    } finally {
      one.release();
      two.release();
    }
    expect(existsSync(one.path)).toBe(false);
    expect(existsSync(two.path)).toBe(false);
  });
});
