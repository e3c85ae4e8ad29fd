import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { type Cost, costOf, type OutputMinutes } from './cost.ts';
import { TranscodingSettings } from './settings.ts';
import { markChecking } from './upload-states.ts';

/** What `.sync` answers of a job that is complete. Members that the service leaves out are left out of the account. */
const CompletedJob = z.object({
  Id: z.string(),
  OutputGroupDetails: z
    .array(
      z.object({
        OutputDetails: z
          .array(
            z.object({
              DurationInMs: z.number().optional(),
              VideoDetails: z.object({ WidthInPx: z.number().optional(), HeightInPx: z.number().optional() }).optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});

export const NoteEncodedInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  framesPerSecond: z.number().positive(),
  hls: z.object({ job: CompletedJob }),
  /** Null when none was wanted, an error when it failed: the video goes on without. */
  preview: z.object({ job: CompletedJob.nullish() }),
  /** As they were when the jobs were planned. */
  prices: TranscodingSettings.shape.prices,
});
export type NoteEncodedInput = z.output<typeof NoteEncodedInput>;

export interface NoteEncodedDependencies {
  readonly db: DataApi;
}

/** Moves the upload on to its check, and stores what its jobs were and really came to. Asks for no settings: a finished encode must not wait for any. */
export async function noteEncoded(input: NoteEncodedInput, { db }: NoteEncodedDependencies): Promise<{ hasPreview: boolean }> {
  const { executionArn, framesPerSecond, hls, preview, prices } = input;
  const cost = (job: z.output<typeof CompletedJob>): Cost => costOf(videoOutputs(job, framesPerSecond), prices);
  const hasPreview = preview.job != null;
  await markChecking(db, executionArn, {
    jobs: { hls: hls.job.Id, ...(preview.job == null ? {} : { preview: preview.job.Id }) },
    actual: { hls: cost(hls.job), ...(preview.job == null ? {} : { preview: cost(preview.job) }) },
  });
  return { hasPreview };
}

/** Frame captures have no duration and are no minutes of video. */
function videoOutputs({ OutputGroupDetails = [] }: z.output<typeof CompletedJob>, framesPerSecond: number): OutputMinutes[] {
  return OutputGroupDetails.flatMap(({ OutputDetails = [] }) => OutputDetails).flatMap(({ DurationInMs = 0, VideoDetails = {} }) =>
    DurationInMs > 0
      ? [{ widthPx: VideoDetails.WidthInPx ?? 0, heightPx: VideoDetails.HeightInPx ?? 0, framesPerSecond, seconds: DurationInMs / 1_000 }]
      : [],
  );
}
