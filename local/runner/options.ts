import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../errors.ts';

/** What `npm start -- …` was asked to do. */
export interface Options {
  /** Exit after the main job instead of serving on. */
  readonly once: boolean;
  /** A dump's path or a postgres:// URL; undefined: the generated sample. */
  readonly legacy: string | undefined;
  /** Video files; empty: a clip made on the spot. */
  readonly videos: readonly string[];
  /** Rows a day; undefined: what the environment's configuration says. */
  readonly dailyLimit: number | undefined;
  /** Where state is kept; undefined: a fresh temporary folder, removed at the end. */
  readonly dataDir: string | undefined;
  readonly port: number;
  readonly databasePort: number;
  /** Where the report is written. */
  readonly report: string | undefined;
}

export const USAGE = `Usage: npm start -- [options]
  --once               exit after the main job (0 all migrated and every video ready · 3 a video failed · 2 wrong input · 1 anything else)
  --legacy FILE|URL    a plain-SQL pg_dump or a postgres:// URL to copy from (never written to); default: a generated LinkPick sample
  --video FILE         a video to upload, repeatable; default: a clip made on the spot
  --daily-limit N      rows a day; as many simulated days are run as it takes
  --data-dir DIR       keep state between runs; default: a fresh temporary folder
  --port N             the gateway and the page, 0 picks a free one; default: 4566
  --database-port N    PostgreSQL, 0 picks a free one; default: 54329
  --report FILE        write the result as JSON
  --help               print this`;

/** Wrong usage: one line that says what was found and what was expected. */
export class UsageError extends UserError {
  override readonly name = 'UsageError';
  constructor(message: string) {
    super(`${message}. See npm start -- --help`, { exitCode: 2 });
  }
}

/** @throws {UsageError} */
export function parseOptions(argv: readonly string[], cwd: string): Options | 'help' {
  const values = parse(argv);
  if (values.help === true) return 'help';
  for (const file of values.video ?? []) requireVideo(resolve(cwd, file));
  if (values.report !== undefined) requireReportFile(resolve(cwd, values.report));
  if (values['data-dir'] === '') throw new UsageError('--data-dir is empty; expected a folder');
  if (values.port !== undefined && values.port !== '0' && values.port === values['database-port']) {
    throw new UsageError(`--port and --database-port are both ${values.port}; expected two ports`);
  }
  return {
    once: values.once ?? false,
    legacy: values.legacy,
    videos: (values.video ?? []).map((file) => resolve(cwd, file)),
    dailyLimit:
      values['daily-limit'] === undefined ? undefined : wholeNumber('--daily-limit', values['daily-limit'], 1, Number.MAX_SAFE_INTEGER),
    dataDir: values['data-dir'] === undefined ? undefined : resolve(cwd, values['data-dir']),
    port: wholeNumber('--port', values.port ?? '4566', 0, 65_535),
    databasePort: wholeNumber('--database-port', values['database-port'] ?? '54329', 0, 65_535),
    report: values.report === undefined ? undefined : resolve(cwd, values.report),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        once: { type: 'boolean' },
        legacy: { type: 'string' },
        video: { type: 'string', multiple: true },
        'daily-limit': { type: 'string' },
        'data-dir': { type: 'string' },
        port: { type: 'string' },
        'database-port': { type: 'string' },
        report: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    // Node's message names the flag; what it adds after the first sentence is about its own API.
    const message = error instanceof Error ? (error.message.split(/\. |\n/)[0] ?? error.message) : String(error);
    throw new UsageError(message.replace(/\.$/, ''));
  }
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  const expected = max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  throw new UsageError(`${flag} is "${text}"; expected ${expected}`);
}

function requireVideo(file: string): void {
  if (!existsSync(file)) throw new UsageError(`--video names ${file}, which does not exist`);
  if (!statSync(file).isFile()) throw new UsageError(`--video names ${file}, which is not a file`);
}

/** Found out before the work, not after it. */
function requireReportFile(file: string): void {
  if (existsSync(file) && statSync(file).isDirectory()) throw new UsageError(`--report names ${file}, which is a folder; expected a file`);
  const folder = dirname(file);
  try {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `--report is to be written into ${folder}, which is not a folder to write to (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
