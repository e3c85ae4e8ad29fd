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
  /** `-fps_mode`, since 5.1; before it, `-vsync`. */
  readonly hasFrameRateMode: boolean;
  /** What a user should know about the one that was found; undefined when nothing. */
  readonly warning: string | undefined;
}

/** Older ones lack options that are used here. Tried: 4.2-dev of 2018 (npm's) and 5.1. */
const OLDEST_VERSION = 4;

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
    if ('version' in found) {
      const ffprobe = await locateFfprobe(file, env);
      return { ffmpeg: file, ffprobe, origin, ...found, warning: origin === 'npm' ? LAST_RESORT : undefined };
    }
    refusals.push(`${origin === 'path' ? 'ffmpeg on the path' : file}: ${found.reason}`);
  }
  throw new UserError(
    wanted
      ? `FFMPEG_PATH names no usable ffmpeg (${refusals.join('; ')}); point it at an ffmpeg ${OLDEST_VERSION} or newer built with libx264, or unset it`
      : `no usable ffmpeg found (${refusals.join('; ')}); run npm ci again, install ffmpeg ${OLDEST_VERSION} or newer with libx264, or set FFMPEG_PATH to its file`,
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

const LAST_RESORT =
  "no ffmpeg is installed, so npm's build of 2018 is used: it is slow, and its ffprobe cannot read MPEG-TS files; install ffmpeg 5.1 or newer";

type Version = Pick<LocatedFfmpeg, 'version' | 'hasFrameRateMode'>;

async function readVersion(file: string, env: NodeJS.ProcessEnv): Promise<Version | { reason: string }> {
  try {
    const { stdout } = await execute(file, ['-version'], { env, timeout: 20_000 });
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
    if (version === undefined) return { reason: 'does not answer "-version" as ffmpeg does' };
    const number = versionNumber(version, stdout);
    if (number < OLDEST_VERSION) return { reason: `is version ${version}; the oldest supported is ${OLDEST_VERSION}` };
    return stdout.includes('--enable-libx264') ? { version, hasFrameRateMode: number >= 5.1 } : { reason: 'built without libx264' };
  } catch (error) {
    return { reason: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not found' : `does not run (${(error as Error).message})` };
  }
}

/** `5.1.9-0+deb12u1`, `n6.0`, `7.0.2-static` by their number; a build from git (`N-47683-g0e8eb07980`) by the year of its copyright line. */
function versionNumber(version: string, banner: string): number {
  const numbered = /^n?(\d+\.\d+)/.exec(version)?.[1];
  if (numbered !== undefined) return Number(numbered);
  const year = Number(/Copyright \(c\) 2000-(\d{4})/.exec(banner)?.[1] ?? 0);
  return year >= 2023 ? 6 : year >= 2018 ? 4 : 0;
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
