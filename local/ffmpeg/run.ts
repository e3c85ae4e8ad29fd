import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { FfmpegError, FfmpegTimeoutError } from './errors.ts';
import { limited, MAX_FILE_BYTES } from './limits.ts';

/** What is kept of a program's complaints: enough for its last lines. */
const STDERR_TAIL_CHARS = 2_000;

export interface ProgramRun {
  readonly file: string;
  readonly args: readonly string[];
  /** A directory that holds nothing but the run's own input. */
  readonly cwd: string;
  readonly timeLimitMs: number;
  /** The largest file it may write. @default 64 MiB */
  readonly maxFileBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface FfmpegRun extends Omit<ProgramRun, 'onLine'> {
  /** Files, relative to `cwd`, that must exist and hold something afterwards: ffmpeg exits with 0 on inputs it could not read. */
  readonly outputs: readonly string[];
  readonly onProgress?: ((progress: FfmpegProgress) => void) | undefined;
}

export interface FfmpegProgress {
  /** How far the output has come, in media time. */
  readonly outTimeMs: number;
  readonly frames: number;
}

/**
 * Runs ffmpeg to its end.
 * @throws {FfmpegError} when it fails or an output is missing or empty
 * @throws {FfmpegTimeoutError} when it outlasts `timeLimitMs`
 * @throws the signal's reason when aborted
 */
export async function runFfmpeg({ args, outputs, onProgress, ...run }: FfmpegRun): Promise<void> {
  let frames = 0;
  const onLine = (line: string): void => {
    const [key, value = ''] = line.split('=');
    if (key === 'frame') frames = Number(value) || 0;
    // The value is in microseconds in every version, whatever the name says.
    if (key === 'out_time_ms' && /^\d+/.test(value)) onProgress?.({ outTimeMs: Number(value) / 1000, frames });
  };
  const general = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', '-progress', 'pipe:1', '-y'];
  const stderr = await runProgram({ ...run, args: [...general, ...args], onLine });
  for (const output of outputs) {
    const size = await stat(join(run.cwd, output)).then(
      (entry) => entry.size,
      () => 0,
    );
    if (size === 0) throw new FfmpegError(`ffmpeg ended without an error and left "${output}" missing or empty`, { stderr });
  }
}

/**
 * Runs one program within limits of memory and file size, and answers the end of its stderr. Its lines on stdout go to `onLine`. It dies with this
 * process and with the signal.
 */
export async function runProgram({
  file,
  args,
  cwd,
  timeLimitMs,
  maxFileBytes = MAX_FILE_BYTES,
  signal,
  onLine,
}: ProgramRun): Promise<string> {
  signal?.throwIfAborted();
  const command = limited([file, ...args], maxFileBytes);
  const child = spawn(command.file, command.args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment() });
  const kill = (): void => void child.kill('SIGKILL');
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeLimitMs);
  signal?.addEventListener('abort', kill, { once: true });
  process.once('exit', kill);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL_CHARS);
  });
  createInterface({ input: child.stdout }).on('line', (line) => onLine?.(line));
  try {
    const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once('error', (cause) => reject(new FfmpegError(`${basename(file)} could not be started`, { cause })));
      child.once('close', (exitCode, killedBy) => resolve(exitCode ?? killedBy));
    });
    signal?.throwIfAborted();
    if (timedOut) throw new FfmpegTimeoutError(timeLimitMs);
    if (code !== 0) throw new FfmpegError(`${basename(file)} ended with ${code}`, { stderr: stderr.trim() });
    return stderr.trim();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
    process.removeListener('exit', kill);
  }
}

/** The child sees no credentials: only what a program needs to find itself and its libraries. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH, SystemRoot, TMPDIR } = process.env;
  // glibc would reserve 64 MiB of address space a thread, which the memory limit counts.
  return Object.fromEntries(
    Object.entries({ PATH, LD_LIBRARY_PATH, SystemRoot, TMPDIR, MALLOC_ARENA_MAX: '2' }).filter(([, value]) => value !== undefined),
  );
}
