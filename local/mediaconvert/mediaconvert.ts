import { randomInt } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateJobRequest, Job, ListJobsResponse, ProbeRequest, ProbeResult } from '@aws-sdk/client-mediaconvert';
import type { S3Client } from '@aws-sdk/client-s3';
import type { LocatedFfmpeg } from '../ffmpeg/locate.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { JsonService, ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { checkJob } from './check-job.ts';
import type { JobEvent } from './events.ts';
import { JOB_DIRECTORY_PREFIX } from './execute-job.ts';
import { JobCanceled, type JobProgress, JobRunner } from './job-runner.ts';
import { isFinal, JobStore } from './job-store.ts';
import { PROBE_DIRECTORY_PREFIX, probe } from './probe.ts';
import { answerRequest } from './routes.ts';

export interface MediaConvertOptions {
  readonly s3: S3Client;
  readonly ffmpeg: LocatedFfmpeg;
  /** Private directories of jobs come and go below it. */
  readonly workDir: string;
  readonly region: string;
  readonly accountId: string;
  readonly emit: (event: JobEvent) => void;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  readonly onProgress?: (progress: JobProgress) => void;
  /** Keeps the jobs over a restart. What was unfinished then starts again by itself, as after a fault inside the service. */
  readonly stateFile?: string;
  /** Jobs at a time; one ffmpeg already uses all cores. @default 1 */
  readonly concurrency?: number;
  /** Between STATUS_UPDATE events. The service's shortest is 10 s; a laptop's jobs are over by then. @default 2000 */
  readonly statusUpdateMs?: number;
}

/** How long a repeated client request token returns the first job. */
const TOKEN_LIFETIME_MS = 60_000;
const MAX_LISTED_JOBS = 20;

/** MediaConvert, executed by ffmpeg from the settings that were submitted. */
export class MediaConvert implements JsonService {
  readonly protocol = 'rest-json';
  readonly #options: Required<Pick<MediaConvertOptions, 'clock' | 'concurrency'>> & MediaConvertOptions;
  readonly #store: JobStore;
  readonly #runner: JobRunner;
  readonly #running = new Map<string, { controller: AbortController; ended: Promise<void> }>();
  readonly #canceled = new Set<string>();
  readonly #closing = new AbortController();
  readonly #waiters = new EventTarget();
  readonly #swept: Promise<void>;
  /** Jobs that were unfinished when the last process ended. */
  readonly #resumed: ReadonlySet<string>;

  constructor(options: MediaConvertOptions) {
    this.#options = { ...options, clock: options.clock ?? Date.now, concurrency: options.concurrency ?? 1 };
    this.#store = new JobStore(options.stateFile);
    this.#runner = new JobRunner(this.#store, { onProgress: () => {}, statusUpdateMs: 2_000, ...options, clock: this.#options.clock });
    this.#swept = sweep(options.workDir);
    this.#resumed = new Set(this.#store.unfinished().map(({ Id = '' }) => Id));
    // After the constructor, so that a listener can be ready.
    setImmediate(() => {
      for (const id of this.#resumed) {
        this.#runner.resume(id);
        this.#waiters.dispatchEvent(new Event(id));
      }
      this.#startNext();
    });
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    return await answerRequest(this, request);
  }

  /** @throws {AwsError} BadRequestException naming every member that is not supported */
  async createJob(request: CreateJobRequest): Promise<Job> {
    checkJob(request);
    const { clock, region, accountId } = this.#options;
    const now = clock();
    const token = request.ClientRequestToken;
    const first =
      token === undefined ? undefined : this.#store.list({ order: 'ASCENDING' }).findLast((job) => job.ClientRequestToken === token);
    if (first !== undefined && this.#isRepeat(first, now)) return first;
    const id = `${now}-${randomLetters(6)}`;
    const { Tags: _tags, Queue: _queue, ...members } = request;
    const job: Job = {
      AccelerationStatus: 'NOT_APPLICABLE',
      BillingTagsSource: 'QUEUE',
      Priority: 0,
      StatusUpdateInterval: 'SECONDS_60',
      ...members,
      Id: id,
      Arn: `arn:aws:mediaconvert:${region}:${accountId}:jobs/${id}`,
      Queue: `arn:aws:mediaconvert:${region}:${accountId}:queues/Default`,
      CreatedAt: new Date(now),
      Messages: { Info: [], Warning: [] },
      RetryCount: 0,
      Status: 'SUBMITTED',
      Timing: { SubmitTime: new Date(now) },
    };
    this.#store.put(job);
    setImmediate(() => this.#startNext());
    return job;
  }

  /**
   * Whether a request with this job's token is the same request. The service counts a minute from the first. Who waited for a job when this process ended
   * is gone with it and asks again later than that: the clock of a resumed job stands still until it has ended.
   */
  #isRepeat({ Id = '', CreatedAt, Status, Timing }: Job, now: number): boolean {
    const isResumed = this.#resumed.has(Id);
    if (isResumed && !isFinal(Status)) return true;
    // An error of a resumed job is an answer to nobody yet; the next request deserves a run of its own.
    if (isResumed && Status !== 'COMPLETE') return false;
    const since = (isResumed ? Timing?.FinishTime : CreatedAt)?.getTime() ?? 0;
    return now - since < TOKEN_LIFETIME_MS;
  }

  /** @throws {AwsError} NotFoundException */
  getJob(id: string): Job {
    const job = this.#store.get(id);
    if (job === undefined) throw new AwsError('NotFoundException', `no job has the id ${id}`, { status: 404 });
    return job;
  }

  /**
   * Newest first unless `Order` says otherwise. The token is the last job of the page: jobs that come in between move nothing.
   * @throws {AwsError} BadRequestException for a token of another list
   */
  listJobs({ MaxResults, NextToken, Order, Queue, Status }: ListJobsQuery): ListJobsResponse {
    const size = Math.min(MaxResults ?? MAX_LISTED_JOBS, MAX_LISTED_JOBS);
    const jobs = this.#store.list({ status: Status, queue: Queue, order: Order === 'ASCENDING' ? 'ASCENDING' : 'DESCENDING' });
    const from = NextToken === undefined ? 0 : 1 + jobs.findIndex(({ Id }) => Id === NextToken);
    if (NextToken !== undefined && from === 0)
      throw new AwsError('BadRequestException', `NextToken ${NextToken} is not one that this list answered`);
    const page = jobs.slice(from, from + size);
    return { Jobs: page, ...(from + size < jobs.length ? { NextToken: page.at(-1)?.Id } : {}) };
  }

  /** Returns at once; the job is CANCELED when its ffmpeg is gone. @throws {AwsError} NotFoundException, ConflictException */
  cancelJob(id: string): void {
    const job = this.getJob(id);
    if (isFinal(job.Status)) {
      throw new AwsError('ConflictException', `job ${id} is ${job.Status}; only SUBMITTED and PROGRESSING jobs can be canceled`, {
        status: 409,
      });
    }
    this.#canceled.add(id);
    // What stops its jobs because the process ends cancels nothing: those run again at the next start. `close` follows in the same turn then.
    setImmediate(() => {
      if (this.#closing.signal.aborted || isFinal(this.getJob(id).Status)) return;
      const running = this.#running.get(id);
      if (running !== undefined) running.controller.abort(new JobCanceled(`job ${id} was canceled`));
      else {
        this.#runner.cancel(id);
        this.#waiters.dispatchEvent(new Event(id));
      }
    });
  }

  /**
   * Waits for the end of a job, as `.sync` does. Resolves with the job in whatever end it came to: COMPLETE, ERROR or CANCELED.
   * @throws the signal's reason when aborted, which does not cancel the job
   */
  async waitForJob(id: string, signal?: AbortSignal): Promise<Job> {
    while (!isFinal(this.getJob(id).Status)) {
      const either = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
      either.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        this.#waiters.addEventListener(id, () => resolve(), { once: true, signal: either });
        either.addEventListener('abort', () => reject(either.reason), { once: true });
      });
    }
    return this.getJob(id);
  }

  async probe(request: ProbeRequest): Promise<ProbeResult[]> {
    await this.#swept;
    return await probe(request, { ...this.#options, signal: this.#closing.signal });
  }

  /** Stops every ffmpeg and removes its directory. What was running stays unfinished in the state file. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the MediaConvert stand-in is closing'));
    await Promise.allSettled([this.#swept, ...[...this.#running.values()].map(({ ended }) => ended)]);
  }

  /** By priority, then submission. */
  #startNext(): void {
    if (this.#closing.signal.aborted || this.#running.size >= this.#options.concurrency) return;
    const waiting = this.#store
      .list({ status: 'SUBMITTED', order: 'ASCENDING' })
      .filter(({ Id: id = '' }) => !this.#running.has(id) && !this.#canceled.has(id));
    const next = waiting.toSorted((left, right) => (right.Priority ?? 0) - (left.Priority ?? 0))[0];
    if (next?.Id === undefined) return;
    const id = next.Id;
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, this.#closing.signal]);
    const ended = this.#swept
      .then(() => this.#runner.run(id, signal))
      .finally(() => {
        this.#running.delete(id);
        this.#waiters.dispatchEvent(new Event(id));
        this.#startNext();
      });
    this.#running.set(id, { controller, ended });
    this.#startNext();
  }
}

export interface ListJobsQuery {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
  readonly Order?: string | undefined;
  readonly Queue?: string | undefined;
  readonly Status?: string | undefined;
}

function randomLetters(count: number): string {
  return Array.from({ length: count }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'.charAt(randomInt(36))).join('');
}

/** Removes the directories that a killed process left behind. */
async function sweep(workDir: string): Promise<void> {
  const names = await readdir(workDir).catch(() => []);
  const left = names.filter((name) => name.startsWith(JOB_DIRECTORY_PREFIX) || name.startsWith(PROBE_DIRECTORY_PREFIX));
  await Promise.all(left.map((name) => rm(join(workDir, name), { recursive: true, force: true })));
}
