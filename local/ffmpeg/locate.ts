import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../errors.ts';

const execute = promisify(execFile);

export interface LocatedFfmpeg {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** The first line's version word of `ffmpeg -version`; the npm build calls itself by a git revision of 2018. */
  readonly version: string;
  readonly origin: 'FFMPEG_PATH' | 'path' | 'npm';
}

/**
 * Finds a working ffmpeg with the libx264 encoder: `FFMPEG_PATH`, else the one on the path, else npm's; and ffprobe: beside it, else on the
 * path, else npm's. A `FFMPEG_PATH` that does not work is an error, never passed over.
 * @throws {UserError} when nothing runs
 */
export async function locateFfmpeg(env: NodeJS.ProcessEnv = process.env): Promise<LocatedFfmpeg> {
  const wanted = env.FFMPEG_PATH;
  const candidates: { file: string | undefined; origin: LocatedFfmpeg['origin'] }[] = wanted
    ? [{ file: wanted, origin: 'FFMPEG_PATH' }]
    : [
        { file: 'ffmpeg', origin: 'path' },
        { file: npmBinary('@ffmpeg-installer/ffmpeg'), origin: 'npm' },
      ];
  const refusals: string[] = [];
  for (const { file, origin } of candidates) {
    if (file === undefined) {
      refusals.push('npm has no ffmpeg for this platform');
      continue;
    }
    const found = await readVersion(file, env);
    if ('version' in found) return { ffmpeg: file, ffprobe: await locateFfprobe(file, env), version: found.version, origin };
    refusals.push(`${origin === 'path' ? 'ffmpeg on the path' : file}: ${found.reason}`);
  }
  throw new UserError(
    wanted
      ? `FFMPEG_PATH names no usable ffmpeg (${refusals.join('; ')}); point it at an ffmpeg 4 or newer built with libx264, or unset it`
      : `no usable ffmpeg found (${refusals.join('; ')}); run npm ci again, install ffmpeg with libx264, or set FFMPEG_PATH to its file`,
    { exitCode: wanted ? 2 : 1 },
  );
}

async function locateFfprobe(ffmpeg: string, env: NodeJS.ProcessEnv): Promise<string> {
  const beside = basename(ffmpeg) === ffmpeg ? [] : [join(dirname(ffmpeg), basename(ffmpeg).replace('ffmpeg', 'ffprobe'))];
  const candidates = [...beside.filter((file) => file !== ffmpeg), 'ffprobe', npmBinary('@ffprobe-installer/ffprobe')];
  for (const file of candidates) {
    if (file !== undefined && (await runs(file, env))) return file;
  }
  throw new UserError(`${ffmpeg} works, but no ffprobe was found beside it, on the path, or from npm; run npm ci again or install ffprobe`);
}

async function readVersion(file: string, env: NodeJS.ProcessEnv): Promise<{ version: string } | { reason: string }> {
  try {
    const { stdout } = await execute(file, ['-version'], { env, timeout: 20_000 });
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
    if (version === undefined) return { reason: 'does not answer "-version" as ffmpeg does' };
    return stdout.includes('--enable-libx264') ? { version } : { reason: 'built without libx264' };
  } catch (error) {
    return { reason: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not found' : `does not run (${(error as Error).message})` };
  }
}

async function runs(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return await execute(file, ['-version'], { env, timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}

/** The binary an installer package brought, or undefined when it has none for this platform (its module throws then). */
function npmBinary(name: string): string | undefined {
  try {
    return (createRequire(import.meta.url)(name) as { path: string }).path;
  } catch {
    return undefined;
  }
}
