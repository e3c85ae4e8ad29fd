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
import { packageFiles } from './package-files.ts';
import { packageHls, segmentSeries } from './package-hls.ts';
import type { JobPlan } from './plan-job.ts';
import type { Mp4OutputPlan, RungPlan } from './plan-output.ts';
import { measurePicture, prepareSource, probeInput } from './prepare-source.ts';
import type { SegmentFacts } from './read-segment.ts';
import { SegmentPump } from './segment-pump.ts';
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

const INPUT_FILE = 'input';
const PICTURES_BYTES = 512 * 1024 ** 2;
const UNKNOWN_LENGTH_BYTES = 20 * 1024 ** 3;

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
 * Executes a job from end to end in a private directory: fetch, probe, one ffmpeg process whose segments are measured and uploaded while it runs,
 * playlists last. A job that does not complete takes back what it uploaded.
 * @throws {JobError} with the service's code for what the service would report
 */
export async function executeJob(plan: JobPlan, execution: JobExecution): Promise<GroupResult[]> {
  return await withPrivateDirectory(execution.workDir, JOB_DIRECTORY_PREFIX, async (directory) => {
    const { s3, ffmpeg, signal, onSource, onProgress } = execution;
    onProgress('PROBING', 0, 0);
    await fetchInput(s3, plan.input, join(directory, INPUT_FILE), signal);
    const probed = await probeInput(ffmpeg, directory, INPUT_FILE, signal);
    const facts = await measurePicture(probed, ffmpeg, directory, INPUT_FILE, signal);
    const source = prepareSource(facts, plan);
    onSource(facts);
    const failure = new AbortController();
    const series = plan.groups.flatMap((group, index) => (group.kind === 'hls' ? segmentSeries(group, index) : []));
    const pump = new SegmentPump(series, {
      ...{ directory, s3, inputFile: INPUT_FILE, maxBytes: maxOutputBytes(plan, source) },
      signal: AbortSignal.any([signal, failure.signal]),
    });
    try {
      const frames = await encode(plan, source, directory, { ...execution, pump, failure });
      onProgress('UPLOADING', 0, frames);
      const segments = await pump.finish();
      const packaged = await packageGroups(plan, source, { directory, facts: segments });
      let done = 0;
      const total = packaged.uploads.reduce((sum, wave) => sum + wave.length, 0);
      for (const wave of packaged.uploads) {
        await uploadAll(wave, { s3, directory, signal, onUploaded: () => onProgress('UPLOADING', (100 * ++done) / total, frames) });
      }
      return packaged.results;
    } catch (error) {
      await pump.discard();
      throw error;
    }
  });
}

async function encode(
  plan: JobPlan,
  source: EncodeSource,
  directory: string,
  { ffmpeg, signal, onProgress, pump, failure }: JobExecution & { pump: SegmentPump; failure: AbortController },
): Promise<number> {
  const lengthMs = (source.lengthSeconds ?? 0) * 1000;
  let frames = 0;
  onProgress('TRANSCODING', 0, 0);
  try {
    await runFfmpeg({
      file: ffmpeg.ffmpeg,
      args: ffmpegArguments(plan, source, { inputFile: INPUT_FILE, ffmpeg }),
      cwd: directory,
      outputs: [],
      timeLimitMs: BASE_TIME_LIMIT_MS + (lengthMs / 1000) * TIME_LIMIT_MS_PER_SECOND,
      maxFileBytes: maxOutputBytes(plan, source),
      signal: AbortSignal.any([signal, failure.signal]),
      onProgress: (progress) => {
        frames = progress.frames;
        pump.advance((error) => failure.abort(error));
        if (lengthMs > 0) onProgress('TRANSCODING', Math.min(100, (100 * progress.outTimeMs) / lengthMs), frames);
      },
    });
    return frames;
  } catch (cause) {
    if (cause instanceof FfmpegTimeoutError) throw new JobError(JOB_ERRORS.TRANSCODING, cause.message, { cause });
    if (!(cause instanceof FfmpegError)) throw cause;
    // ffmpeg does not say whose fault it was; a source that yields no picture at all is the source's, unless the build lacks a filter.
    const isOurs = frames > 0 || /No such filter|Unknown encoder|Unrecognized option/.test(cause.stderr);
    throw new JobError(isOurs ? JOB_ERRORS.TRANSCODING : JOB_ERRORS.CANNOT_PARSE, `Unable to transcode the input: ${cause.message}`, {
      cause,
    });
  }
}

async function packageGroups(
  plan: JobPlan,
  source: EncodeSource,
  encoded: { directory: string; facts: ReadonlyMap<string, readonly SegmentFacts[]> },
): Promise<{ results: GroupResult[]; uploads: Upload[][] }> {
  const results: GroupResult[] = [];
  const uploads: Upload[][] = [[], []];
  for (const [index, group] of plan.groups.entries()) {
    const packaged =
      group.kind === 'hls' ? await packageHls(group, index, source, encoded) : await packageFiles(group, index, source, encoded.directory);
    if (packaged.seconds !== undefined) checkLength(packaged.seconds, source.lengthSeconds);
    results.push(packaged.result);
    for (const [wave, entries] of packaged.uploads.entries()) uploads[wave]?.push(...entries);
  }
  return { results, uploads };
}

/** What the outputs may hold together: twice their bitrates over their length, and room for pictures. Without a length, a bound of a disk. */
function maxOutputBytes({ groups }: JobPlan, { lengthSeconds }: EncodeSource): number {
  const outputs = groups.flatMap((group): readonly (RungPlan | Mp4OutputPlan)[] =>
    group.kind === 'hls' ? group.rungs : group.outputs.filter((output) => output.kind === 'mp4'),
  );
  const bps = outputs.reduce((sum, { maxBitrateBps, audio }) => sum + maxBitrateBps + (audio?.bitrateBps ?? 0), 0);
  return lengthSeconds === undefined ? UNKNOWN_LENGTH_BYTES : PICTURES_BYTES + Math.ceil((2 * bps * lengthSeconds) / 8);
}

/** @throws {JobError} 1076 when the pictures ended well before the container said they would */
function checkLength(seconds: number, promised: number | undefined): void {
  if (promised === undefined || promised - seconds <= Math.max(MISSING_SECONDS, MISSING_SHARE * promised)) return;
  const message = `the header promises ${promised.toFixed(1)} s of video, the pictures end at ${seconds.toFixed(1)} s`;
  throw new JobError(JOB_ERRORS.UNEXPECTED_END, `Unexpected end of the input file: ${message}`);
}
