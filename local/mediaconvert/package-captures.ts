import { readdir } from 'node:fs/promises';
import { type EncodeSource, outputPrefix } from './ffmpeg-arguments.ts';
import type { GroupResult } from './group-result.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import { fitPicture, uprightSize } from './picture-size.ts';
import type { CapturePlan } from './plan-job.ts';
import { toS3Uri } from './s3-location.ts';
import type { Upload } from './upload.ts';

/** Names the captured pictures as the service does: `<base><modifier>.0000000.jpg` and on. */
export async function packageCaptures(
  plan: CapturePlan,
  group: number,
  { video, rotationDegrees }: EncodeSource,
  directory: string,
): Promise<{ result: GroupResult; uploads: Upload[] }> {
  const files = (await readdir(directory)).sort();
  const { bucket, key } = plan.base;
  const outputs = plan.captures.map((capture, index) => {
    const prefix = `${outputPrefix(group, index)}.`;
    const uploads = files
      .filter((file) => file.startsWith(prefix) && file.endsWith('.jpg'))
      .map((file): Upload => {
        const to = { bucket, key: `${key}${capture.nameModifier}.${file.slice(prefix.length)}` };
        return { to, type: 'jpg', content: { file } };
      });
    const last = uploads.at(-1);
    if (last === undefined) throw new JobError(JOB_ERRORS.TRANSCODING, `output "${capture.nameModifier}" captured no frame`);
    const intervalMs = (1000 * capture.rate.denominator) / capture.rate.numerator;
    const size = fitPicture(uprightSize(video, rotationDegrees, true), capture).output;
    return { uploads, result: { outputFilePaths: [toS3Uri(last.to)], durationMs: Math.round(uploads.length * intervalMs), ...size } };
  });
  return {
    result: { type: 'FILE_GROUP', outputs: outputs.map(({ result }) => result) },
    uploads: outputs.flatMap(({ uploads }) => uploads),
  };
}
