import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { ArrivedObject, uploadOf } from './arrived-object.ts';
import { awaitProcessing, claimUpload, videoExists } from './claim.ts';
import { type Cost, costOf } from './cost.ts';
import { framesPerSecond, outputFrameRate } from './frame-rate.ts';
import { type ByteSource, SourceGoneError } from './inspect/object-reader.ts';
import { type JobPlan, planHlsJob, planPreviewJob, previewSeconds, type TranscodeJob } from './job.ts';
import { isEncodable, pickRungs } from './ladder.ts';
import type { RejectionCode } from './reasons.ts';
import type { TranscodingSettings } from './settings.ts';
import { inspectSource, type Probe, type SourceFacts } from './source.ts';
import { MAX_UPLOAD_BYTES, outputPrefix, type Upload } from './upload.ts';
import { markEncoding, markFailed, markInspecting } from './upload-states.ts';

export const InspectUploadInput = ArrivedObject.extend({ executionArn: z.string().startsWith('arn:') });
export type InspectUploadInput = z.output<typeof InspectUploadInput>;

/** What the output check and publishing will look for. */
export interface PromisedOutput {
  /** Tallest first. */
  readonly renditions: readonly { readonly name: string; readonly widthPx: number; readonly heightPx: number }[];
  readonly durationSeconds: number;
  readonly hasAudio: boolean;
  readonly framesPerSecond: number;
  /** As shown: upright, with square pixels. */
  readonly source: { readonly widthPx: number; readonly heightPx: number };
}

export type InspectUploadOutput =
  | {
      readonly outcome: 'encode';
      readonly upload: Upload;
      readonly promised: PromisedOutput;
      /** How often the encoder has been asked. */
      readonly attempt: 1;
      readonly jobs: { readonly hls: TranscodeJob; readonly preview: TranscodeJob | null };
      /** For the account after the jobs: whatever happens to the settings meanwhile, what was paid for is finished. */
      readonly prices: TranscodingSettings['prices'];
    }
  | { readonly outcome: 'duplicate'; readonly videoId: string }
  /** Processing is off: the sweep starts it again. */
  | { readonly outcome: 'waiting'; readonly videoId: string }
  | { readonly outcome: 'rejected'; readonly videoId: string; readonly code: RejectionCode };

export interface InspectUploadDependencies {
  readonly db: DataApi;
  readonly isRunning: IsExecutionRunning;
  /** Asked once the upload is claimed: without settings it is this execution's to wait for them, or to fail with a reason. */
  readonly readSettings: () => Promise<TranscodingSettings>;
  /** The flag VIDEO_PROCESSING_ENABLED. */
  readonly processingEnabled: boolean;
  readonly probe: Probe;
  /** The object's bytes, of the version with this ETag. */
  readonly open: (upload: Upload, etag: string) => ByteSource;
}

/**
 * Claims the upload, looks at what it is, and plans its jobs. A file that is no video ends here, with its reason recorded. Safe to repeat: a call
 * finds the claim of the one before. @throws {ExecutionNotKnownYetError} @throws {OutputBeingRemovedError} @throws {SettingsUnavailableError}
 */
export async function inspectUpload(input: InspectUploadInput, dependencies: InspectUploadDependencies): Promise<InspectUploadOutput> {
  const { db, isRunning, processingEnabled, readSettings } = dependencies;
  const { executionArn } = input;
  const { upload, arrival } = uploadOf(input);
  const { videoId } = upload;
  if (!processingEnabled) return { outcome: (await awaitProcessing(db, upload, arrival, executionArn)) ? 'waiting' : 'duplicate', videoId };
  if ((await claimUpload(db, upload, arrival, executionArn, isRunning)) === 'duplicate') return { outcome: 'duplicate', videoId };
  const settings = await readSettings();
  const plan = await planUpload(upload, input, settings, dependencies);
  if ('code' in plan) {
    await markFailed(db, executionArn, plan.code, plan.detail);
    return { outcome: 'rejected', videoId, code: plan.code };
  }
  const { jobs, promised, source, estimate } = plan;
  // Another execution took this one for dead while it looked at the file.
  if (!(await markEncoding(db, executionArn, { outputPrefix: outputPrefix('encoded', upload), source, estimate })))
    return { outcome: 'duplicate', videoId };
  return { outcome: 'encode', upload, promised, attempt: 1, jobs, prices: settings.prices };
}

interface Rejected {
  readonly code: RejectionCode;
  readonly detail?: string;
}

interface Planned {
  readonly source: SourceFacts;
  readonly promised: PromisedOutput;
  readonly jobs: { readonly hls: TranscodeJob; readonly preview: TranscodeJob | null };
  readonly estimate: { readonly hls: Cost; readonly preview?: Cost };
}

async function planUpload(
  upload: Upload,
  { executionArn, object }: InspectUploadInput,
  settings: TranscodingSettings,
  { db, probe, open }: InspectUploadDependencies,
): Promise<Planned | Rejected> {
  if (upload.videoId === '') return { code: 'INVALID_KEY' };
  if (!(await videoExists(db, upload.videoId))) return { code: 'UNKNOWN_VIDEO' };
  await markInspecting(db, executionArn);
  if (upload.sizeBytes === 0) return { code: 'EMPTY_FILE' };
  if (upload.sizeBytes > MAX_UPLOAD_BYTES) return { code: 'TOO_LARGE' };
  const source = await inspect(open(upload, object.etag), () => probe(upload.bucket, upload.key));
  if (typeof source === 'string') return { code: source };
  const rungs = pickRungs(source.picture).filter(isEncodable);
  if (rungs.length === 0) return { code: 'UNSUPPORTED_SIZE', detail: `${source.picture.widthPx}x${source.picture.heightPx}` };
  const plan: JobPlan = { upload, executionArn, source, rungs };
  const jobs = { hls: planHlsJob(plan), preview: planPreviewJob(plan) ?? null };
  const estimate = estimateOf(plan, jobs.preview !== null, settings);
  const costUsd = estimate.hls.costUsd + (estimate.preview?.costUsd ?? 0);
  if (costUsd > settings.maxCostUsdPerVideo)
    return { code: 'TOO_EXPENSIVE', detail: `estimate ${costUsd.toFixed(2)} USD, limit ${settings.maxCostUsdPerVideo} USD` };
  return { source, promised: promisedOf(plan), jobs, estimate };
}

/** An object that went away meanwhile ends its upload, not the step. */
async function inspect(bytes: ByteSource, probe: () => ReturnType<Probe>): Promise<SourceFacts | RejectionCode> {
  try {
    return await inspectSource(bytes, probe);
  } catch (error) {
    if (error instanceof SourceGoneError) return 'SOURCE_GONE';
    throw error;
  }
}

function promisedOf({ rungs, source }: JobPlan): PromisedOutput {
  return {
    renditions: rungs.map(({ name, widthPx, heightPx }) => ({ name, widthPx, heightPx })),
    durationSeconds: source.durationSeconds,
    hasAudio: source.audioCodec !== null,
    framesPerSecond: framesPerSecond(outputFrameRate(source)),
    source: source.picture,
  };
}

function estimateOf({ rungs, source }: JobPlan, hasPreview: boolean, { prices }: TranscodingSettings): Planned['estimate'] {
  const rate = framesPerSecond(outputFrameRate(source));
  const outputs = rungs.map(({ widthPx, heightPx }) => ({ widthPx, heightPx, framesPerSecond: rate, seconds: source.durationSeconds }));
  const smallest = outputs.slice(-1).map((output) => ({ ...output, seconds: previewSeconds(source) }));
  return { hls: costOf(outputs, prices), ...(hasPreview ? { preview: costOf(smallest, prices) } : {}) };
}
