import type { Job } from '@aws-sdk/client-mediaconvert';
import type { S3Client } from '@aws-sdk/client-s3';
import type { LocatedFfmpeg } from '../ffmpeg/locate.ts';
import { inputDetails, type JobEvent, jobEvent, jobProgress, outputGroupDetails } from './events.ts';
import { executeJob, type JobPhase } from './execute-job.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import { isFinal, type JobStore } from './job-store.ts';
import { planJob } from './plan-job.ts';
import { toS3Uri } from './s3-location.ts';

/** The share of a job's percent that each phase is, and where it begins. */
const PHASE_PERCENT: Readonly<Record<JobPhase, { from: number; share: number }>> = {
  PROBING: { from: 0, share: 5 },
  TRANSCODING: { from: 5, share: 85 },
  UPLOADING: { from: 90, share: 10 },
};

const MAX_RETRIES = 2;

export interface JobRunnerOptions {
  readonly s3: S3Client;
  readonly ffmpeg: LocatedFfmpeg;
  readonly workDir: string;
  readonly region: string;
  readonly accountId: string;
  readonly emit: (event: JobEvent) => void;
  readonly clock: () => number;
  readonly onProgress: (progress: JobProgress) => void;
  readonly statusUpdateMs: number;
}

export interface JobProgress {
  readonly jobId: string;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly phase: JobPhase;
  /** Of the whole job, 0–100. */
  readonly percent: number;
}

/** Takes one job from SUBMITTED to its end, keeps its record and tells its events in the service's order. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #store: JobStore;

  constructor(store: JobStore, options: JobRunnerOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Never throws: every end is a status of the job. */
  async run(id: string, signal: AbortSignal): Promise<void> {
    const { s3, ffmpeg, workDir } = this.#options;
    const startTime = new Date(this.#options.clock());
    this.#change(id, (job) => ({ Status: 'PROGRESSING', CurrentPhase: 'PROBING', Timing: { ...job.Timing, StartTime: startTime } }));
    try {
      const plan = planJob(this.#job(id).Settings ?? {});
      const results = await executeJob(plan, {
        s3,
        ffmpeg,
        workDir,
        signal,
        onSource: (facts) => {
          this.#emit(id, { status: 'INPUT_INFORMATION', inputDetails: inputDetails(facts, toS3Uri(plan.input)) });
          this.#emit(id, { status: 'PROGRESSING' });
        },
        onProgress: this.#progressOf(id),
      });
      signal.throwIfAborted();
      const details = outputGroupDetails(results);
      this.#finish(id, 'COMPLETE', {
        JobPercentComplete: 100,
        OutputGroupDetails: results.map(({ outputs }) => ({
          OutputDetails: outputs.map(({ durationMs, widthPx, heightPx }) => ({
            DurationInMs: durationMs,
            VideoDetails: { WidthInPx: widthPx, HeightInPx: heightPx },
          })),
        })),
      });
      this.#emit(id, { status: 'COMPLETE', outputGroupDetails: details });
    } catch (error) {
      if (signal.aborted && signal.reason instanceof JobCanceled) this.cancel(id);
      // A stand-in that is being closed leaves its jobs unfinished, as a kill would; the next start deals with both alike.
      else if (!signal.aborted) this.fail(id, error);
    }
  }

  /**
   * Puts a job that a killed or closed process left back in the queue, as the service runs a job again after a fault of its own: same id, one more
   * in `RetryCount`. One that was cut off too often is perhaps what ends the process: it ends instead.
   */
  resume(id: string): void {
    const { RetryCount: retries = 0, Status } = this.#job(id);
    if (Status === 'PROGRESSING' && retries >= MAX_RETRIES) {
      this.fail(
        id,
        new JobError(JOB_ERRORS.TRANSCODING, `the job was cut off ${retries + 1} times by the end of the process; submit it again`),
      );
      return;
    }
    const RetryCount = Status === 'PROGRESSING' ? retries + 1 : retries;
    this.#change(id, () => ({ Status: 'SUBMITTED', CurrentPhase: undefined, JobPercentComplete: undefined, RetryCount }));
  }

  cancel(id: string): void {
    this.#finish(id, 'CANCELED', {});
    this.#emit(id, { status: 'CANCELED' });
  }

  fail(id: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const { code } = error instanceof JobError ? error : { code: JOB_ERRORS.TRANSCODING };
    this.#finish(id, 'ERROR', { ErrorCode: code, ErrorMessage: message });
    this.#emit(id, { status: 'ERROR', errorCode: code, errorMessage: message });
  }

  /** Keeps the record's percent; sends a STATUS_UPDATE when the interval has passed, and always when the last phase begins. */
  #progressOf(id: string): (phase: JobPhase, percent: number, frames: number) => void {
    const { clock, onProgress, statusUpdateMs } = this.#options;
    let updatedAt = clock();
    return (phase, phasePercent, frames) => {
      const { from, share } = PHASE_PERCENT[phase];
      const percent = Math.floor(from + (share * phasePercent) / 100);
      this.#change(id, () => ({ CurrentPhase: phase, JobPercentComplete: percent }), { durable: false });
      onProgress({ jobId: id, userMetadata: this.#job(id).UserMetadata ?? {}, phase, percent });
      const isDue = clock() - updatedAt >= statusUpdateMs || (phase === 'UPLOADING' && phasePercent === 0);
      if (!isDue || phase === 'PROBING') return;
      updatedAt = clock();
      this.#emit(id, {
        status: 'STATUS_UPDATE',
        framesDecoded: frames,
        jobProgress: jobProgress(phase, phasePercent, percent, this.#job(id).RetryCount),
      });
    };
  }

  #finish(id: string, status: 'COMPLETE' | 'ERROR' | 'CANCELED', members: Partial<Job>): void {
    if (isFinal(this.#job(id).Status)) return;
    const finishTime = new Date(this.#options.clock());
    this.#change(id, (job) => ({ ...members, Status: status, CurrentPhase: undefined, Timing: { ...job.Timing, FinishTime: finishTime } }));
  }

  #change(id: string, change: (job: Job) => Partial<Job>, options?: { durable: boolean }): void {
    const job = this.#job(id);
    this.#store.put({ ...job, ...change(job) }, options);
  }

  #job(id: string): Job {
    const job = this.#store.get(id);
    if (job === undefined) throw new Error(`job ${id} is not in the store`);
    return job;
  }

  #emit(id: string, detail: Parameters<typeof jobEvent>[2]): void {
    const { emit, clock, region, accountId } = this.#options;
    emit(jobEvent(this.#job(id), { now: new Date(clock()), region, accountId }, detail));
  }
}

/** The reason of an abort that a CancelJob asked for. */
export class JobCanceled extends Error {
  override readonly name = 'JobCanceled';
}
