import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOptions, USAGE, UsageError } from '../../local/runner/options.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-options-'));
  for (const name of ['film.mp4', '영화.mov']) writeFileSync(join(folder, name), 'x');
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'large.mp4'), '');
  truncateSync(join(folder, 'large.mp4'), 10_241 * 1024 ** 2); // sparse: takes no space
  writeFileSync(join(folder, 'empty.mp4'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parse = (...argv: readonly string[]) => parseOptions(argv, folder);
function refusal(...argv: readonly string[]): string {
  try {
    parse(...argv);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).exitCode).toBe(2);
    return (error as UsageError).message;
  }
  throw new Error(`${argv.join(' ')} was not refused`);
}

describe('parseOptions', () => {
  it('without flags: serves on the default ports, from the sample, with a clip, in a temporary folder', () => {
    expect(parse()).toEqual({
      once: false,
      legacy: undefined,
      videos: [],
      dailyLimit: undefined,
      dataDir: undefined,
      port: 4566,
      databasePort: 54_329,
      report: undefined,
    });
  });

  it('takes every flag; paths are meant from where the command was given', () => {
    const argv = ['--once', '--legacy', 'dump.sql', '--video', 'film.mp4', '--video', join(folder, '영화.mov'), '--daily-limit', '1000'];
    expect(parse(...argv, '--data-dir', 'state', '--port', '0', '--database-port=65535', '--report', 'sub/r.json')).toEqual({
      once: true,
      legacy: 'dump.sql',
      videos: [join(folder, 'film.mp4'), join(folder, '영화.mov')],
      dailyLimit: 1_000,
      dataDir: join(folder, 'state'),
      port: 0,
      databasePort: 65_535,
      report: join(folder, 'sub/r.json'),
    });
  });

  it('answers help whatever else is wrong with a value', () => {
    expect(parse('--help', '--port', 'x')).toBe('help');
    for (const flag of ['once', 'legacy', 'video', 'daily-limit', 'data-dir', 'port', 'database-port', 'report', 'help'])
      expect(USAGE).toContain(`--${flag} `);
  });

  it.each([
    ["Unknown option '--bogus'", ['--bogus']],
    ["Unknown option '-h'", ['-h']],
    ["Unexpected argument 'dump.sql'", ['dump.sql']],
    ["Option '--once' does not take an argument", ['--once=yes']],
    ["Option '--video <value>' argument missing", ['--video']],
    ['--daily-limit is "0"; expected a whole number of at least 1', ['--daily-limit', '0']],
    ['--daily-limit is "1.5"; expected a whole number of at least 1', ['--daily-limit', '1.5']],
    ['--daily-limit is "1e3"; expected a whole number of at least 1', ['--daily-limit', '1e3']],
    ['--daily-limit is "-5"; expected a whole number of at least 1', ['--daily-limit=-5']],
    ['--daily-limit is ""; expected a whole number of at least 1', ['--daily-limit', '']],
    ['--port is "65536"; expected a whole number from 0 to 65535', ['--port', '65536']],
    ['--port is "http"; expected a whole number from 0 to 65535', ['--port', 'http']],
    ['--port is ""; expected a whole number from 0 to 65535', ['--port', '']],
    ['--database-port is "0x10"; expected a whole number from 0 to 65535', ['--database-port', '0x10']],
    ['--database-port is " 1"; expected a whole number from 0 to 65535', ['--database-port', ' 1']],
  ])('refuses with one line: %s', (line, argv) => {
    expect(refusal(...argv)).toBe(`${line}. See npm start -- --help`);
  });

  it('takes files of any size: what is too large or empty is rejected like any other upload', () => {
    expect(parse('--video', 'large.mp4', '--video', 'empty.mp4')).toMatchObject({
      videos: [join(folder, 'large.mp4'), join(folder, 'empty.mp4')],
    });
  });

  it('refuses a video that is not there, or is no file', () => {
    expect(refusal('--video', 'film.mp4', '--video', 'none.mp4')).toContain(
      `--video names ${join(folder, 'none.mp4')}, which does not exist`,
    );
    expect(refusal('--video', 'sub')).toContain('which is not a file');
  });

  it('refuses a report whose folder is not there, before any work', () => {
    expect(refusal('--report', 'none/r.json')).toContain(
      `--report is to be written into ${join(folder, 'none')}, which is not a folder to write to (ENOENT)`,
    );
  });
});

describe('what is told before the work', () => {
  it('refuses a value that looks like a flag with one line', () => {
    expect(refusal('--port', '-1')).not.toContain('\n');
  });

  it('refuses a report that is a folder', () => {
    refusal('--report', 'sub');
  });

  it('refuses a report under a file', () => {
    refusal('--report', 'film.mp4/r.json');
  });

  it('refuses an empty data directory instead of taking the current one', () => {
    refusal('--data-dir', '');
  });

  it('refuses one port for both servers', () => {
    refusal('--port', '5000', '--database-port', '5000');
  });
});
