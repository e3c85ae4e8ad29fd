import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { FfmpegError, FfmpegTimeoutError } from '../ffmpeg/errors.ts';
import type { LocatedFfmpeg } from '../ffmpeg/locate.ts';
import { withPrivateDirectory } from '../ffmpeg/private-directory.ts';
import type { SourceFacts } from '../ffmpeg/read-source.ts';
import { runFfmpeg } from '../ffmpeg/run.ts';
import { fetchInput } from './fetch-input.ts';
import { type EncodeSource, ffmpegArguments } from './ffmpeg-arguments.ts';
import type { GroupResult } from './group-result.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import { packageCaptures } from './package-captures.ts';
import { packageHls } from './package-hls.ts';
import type { JobPlan } from './plan-job.ts';
import { prepareSource, probeInput } from './prepare-source.ts';
import { type Upload, uploadAll } from './upload.ts';

export type JobPhase = 'PROBING' | 'TRANSCODING' | 'UPLOADING';

/** Private directories begin with this, so that leftovers of a killed process can be told from other files. */
export const JOB_DIRECTORY_PREFIX = 'job-';

/** A job may take this long, and this much longer per second of media, before it counts as stuck. */
const BASE_TIME_LIMIT_MS = 120_000;
const TIME_LIMIT_MS_PER_SECOND = 30_000;

/** Pictures may end this much before the header's promise: a variable rate holds its last picture. More is a file cut short. */
const MISSING_SECONDS = 1;
const MISSING_SHARE = 0.05;

export interface JobExecution {
  readonly s3: S3Client;
  readonly ffmpeg: LocatedFfmpeg;
  readonly workDir: string;
  readonly signal: AbortSignal;
  readonly onSource: (facts: SourceFacts) => void;
  /** `percent` of the phase, 0–100. */
  readonly onProgress: (phase: JobPhase, percent: number, frames: number) => void;
}

/**
 * Executes a job from end to end in a private directory: fetch, probe, one ffmpeg process, measure, upload. The multivariant playlist is written last.
 * @throws {JobError} with the service's code for what the service would report
 */
export async function executeJob(plan: JobPlan, execution: JobExecution): Promise<GroupResult[]> {
  return await withPrivateDirectory(execution.workDir, JOB_DIRECTORY_PREFIX, async (directory) => {
    const { s3, ffmpeg, signal, onSource, onProgress } = execution;
    onProgress('PROBING', 0, 0);
    await fetchInput(s3, plan.input, join(directory, 'input'), signal);
    const facts = await probeInput(ffmpeg, directory, 'input', signal);
    const source = prepareSource(facts, plan);
    onSource(facts);
    const frames = await encode(plan, source, directory, execution);
    const packaged = await packageGroups(plan, source, directory);
    let done = 0;
    const total = packaged.uploads.reduce((sum, wave) => sum + wave.length, 0);
    onProgress('UPLOADING', 0, frames);
    for (const wave of packaged.uploads) {
      await uploadAll(wave, { s3, directory, signal, onUploaded: () => onProgress('UPLOADING', (100 * ++done) / total, frames) });
    }
    return packaged.results;
  });
}

async function encode(
  plan: JobPlan,
  source: EncodeSource,
  directory: string,
  { ffmpeg, signal, onProgress }: JobExecution,
): Promise<number> {
  const lengthMs = (source.endSeconds ?? 0) * 1000;
  let frames = 0;
  onProgress('TRANSCODING', 0, 0);
  try {
    await runFfmpeg({
      file: ffmpeg.ffmpeg,
      args: ffmpegArguments(plan, source, 'input'),
      cwd: directory,
      outputs: [],
      timeLimitMs: BASE_TIME_LIMIT_MS + (lengthMs / 1000) * TIME_LIMIT_MS_PER_SECOND,
      signal,
      onProgress: (progress) => {
        frames = progress.frames;
        if (lengthMs > 0) onProgress('TRANSCODING', Math.min(100, (100 * progress.outTimeMs) / lengthMs), frames);
      },
    });
    return frames;
  } catch (cause) {
    if (cause instanceof FfmpegTimeoutError) throw new JobError(JOB_ERRORS.TRANSCODING, cause.message, { cause });
    if (!(cause instanceof FfmpegError)) throw cause;
    // ffmpeg does not say whose fault it was; a source that yields no picture at all is the source's.
    const code = frames === 0 ? JOB_ERRORS.CANNOT_PARSE : JOB_ERRORS.TRANSCODING;
    throw new JobError(code, `Unable to transcode the input: ${cause.message}`, { cause });
  }
}

async function packageGroups(
  plan: JobPlan,
  source: EncodeSource,
  directory: string,
): Promise<{ results: GroupResult[]; uploads: Upload[][] }> {
  const results: GroupResult[] = [];
  const uploads: Upload[][] = [];
  for (const [index, group] of plan.groups.entries()) {
    if (group.kind === 'capture') {
      const packaged = await packageCaptures(group, index, source, directory);
      results.push(packaged.result);
      uploads.unshift(packaged.uploads);
    } else {
      const packaged = await packageHls(group, index, source, directory);
      checkLength(packaged.seconds, source.endSeconds);
      results.push(packaged.result);
      uploads.push(...packaged.uploads.map((wave) => [...wave]));
    }
  }
  return { results, uploads };
}

/** @throws {JobError} 1076 when the pictures ended well before the container said they would */
function checkLength(seconds: number, promised: number | undefined): void {
  if (promised === undefined || promised - seconds <= Math.max(MISSING_SECONDS, MISSING_SHARE * promised)) return;
  const message = `the header promises ${promised.toFixed(1)} s of video, the pictures end at ${seconds.toFixed(1)} s`;
  throw new JobError(JOB_ERRORS.UNEXPECTED_END, `Unexpected end of the input file: ${message}`);
}
