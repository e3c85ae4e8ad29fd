import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type EncodeSource, outputPrefix, outputSize } from './ffmpeg-arguments.ts';
import type { GroupResult, OutputResult } from './group-result.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import type { FilePlan } from './plan-job.ts';
import type { CaptureOutputPlan, Mp4OutputPlan } from './plan-output.ts';
import { readMp4Seconds } from './read-mp4-seconds.ts';
import { type S3Location, toS3Uri } from './s3-location.ts';
import type { Upload } from './upload.ts';

interface PackagedFiles {
  readonly result: GroupResult;
  /** In waves, as those of an HLS group; here one. */
  readonly uploads: readonly (readonly Upload[])[];
  /** The shortest video; undefined when there are only captures. */
  readonly seconds: number | undefined;
}

interface PackagedOutput {
  readonly result: OutputResult;
  readonly uploads: readonly Upload[];
  readonly seconds?: number;
}

/** Names the files of a group as the service does: `<base><modifier>.mp4`, and captures `<base><modifier>.0000000.jpg` and on. */
export async function packageFiles(plan: FilePlan, group: number, source: EncodeSource, directory: string): Promise<PackagedFiles> {
  const outputs = await Promise.all(
    plan.outputs.map(async (output, index) => {
      const prefix = outputPrefix(group, index);
      return output.kind === 'mp4'
        ? await packageMp4(output, plan.base, prefix, source, directory)
        : await packageCaptures(output, plan.base, prefix, source, directory);
    }),
  );
  const lengths = outputs.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
  return {
    result: { type: 'FILE_GROUP', outputs: outputs.map(({ result }) => result) },
    uploads: [outputs.flatMap(({ uploads }) => uploads)],
    seconds: lengths.length === 0 ? undefined : Math.min(...lengths),
  };
}

async function packageMp4(
  output: Mp4OutputPlan,
  { bucket, key }: S3Location,
  prefix: string,
  source: EncodeSource,
  directory: string,
): Promise<PackagedOutput> {
  const file = `${prefix}.mp4`;
  const seconds = await readMp4Seconds(join(directory, file));
  if (!(seconds > 0)) throw new JobError(JOB_ERRORS.TRANSCODING, `output "${output.nameModifier}" is an MP4 without pictures`);
  const { size } = await stat(join(directory, file));
  const to = { bucket, key: `${key}${output.nameModifier}.mp4` };
  return {
    seconds,
    uploads: [{ to, type: 'mp4', content: { file } }],
    result: {
      outputFilePaths: [toS3Uri(to)],
      durationMs: Math.round(seconds * 1000),
      averageBitrateBps: Math.round((size * 8) / seconds),
      ...outputSize(output, source),
    },
  };
}

async function packageCaptures(
  capture: CaptureOutputPlan,
  { bucket, key }: S3Location,
  prefix: string,
  source: EncodeSource,
  directory: string,
): Promise<PackagedOutput> {
  const files = (await readdir(directory)).filter((file) => file.startsWith(`${prefix}.`) && file.endsWith('.jpg')).sort();
  const uploads = files.map((file): Upload => {
    return { to: { bucket, key: `${key}${capture.nameModifier}${file.slice(prefix.length)}` }, type: 'jpg', content: { file } };
  });
  const last = uploads.at(-1);
  if (last === undefined) throw new JobError(JOB_ERRORS.TRANSCODING, `output "${capture.nameModifier}" captured no frame`);
  const intervalMs = (1000 * capture.rate.denominator) / capture.rate.numerator;
  const durationMs = Math.round(uploads.length * intervalMs);
  return { uploads, result: { outputFilePaths: [toS3Uri(last.to)], durationMs, ...outputSize(capture, source) } };
}
