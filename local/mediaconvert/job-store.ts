import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Job, JobStatus } from '@aws-sdk/client-mediaconvert';
import { UserError } from '../errors.ts';

export interface JobFilter {
  readonly status?: string | undefined;
  readonly queue?: string | undefined;
  readonly order: 'ASCENDING' | 'DESCENDING';
}

/** The jobs, in memory, and in a file when there is one to survive a restart. */
export class JobStore {
  readonly #jobs = new Map<string, Job>();
  readonly #file: string | undefined;

  /** @throws {UserError} when the file is there and cannot be read */
  constructor(file: string | undefined) {
    this.#file = file;
    for (const job of file === undefined ? [] : readJobs(file)) this.#jobs.set(job.Id ?? '', job);
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Adds or replaces a job. Only what matters after a restart is written: not each percent. */
  put(job: Job, { durable = true }: { durable?: boolean } = {}): void {
    this.#jobs.set(job.Id ?? '', job);
    if (durable) this.#save();
  }

  list({ status, queue, order }: JobFilter): Job[] {
    const jobs = [...this.#jobs.values()].filter(
      (job) =>
        (status === undefined || job.Status === status) && (queue === undefined || job.Queue === queue || job.Queue?.endsWith(`/${queue}`)),
    );
    // Insertion order is submission order.
    return order === 'ASCENDING' ? jobs : jobs.reverse();
  }

  unfinished(): Job[] {
    return [...this.#jobs.values()].filter((job) => !isFinal(job.Status));
  }

  #save(): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    const half = `${this.#file}.tmp`;
    writeFileSync(half, JSON.stringify([...this.#jobs.values()]));
    renameSync(half, this.#file);
  }
}

export function isFinal(status: JobStatus | undefined): boolean {
  return status === 'COMPLETE' || status === 'ERROR' || status === 'CANCELED';
}

function readJobs(file: string): Job[] {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    // Dates were written as text; all of them lie in these two places.
    return (JSON.parse(content) as Job[]).map((job) => ({ ...job, CreatedAt: dateOf(job.CreatedAt), Timing: mapDates(job.Timing) }));
  } catch (cause) {
    throw new UserError(`${file} does not hold MediaConvert's jobs as JSON; remove the file to go on without them`, { cause });
  }
}

function mapDates(timing: Job['Timing']): Job['Timing'] {
  return Object.fromEntries(Object.entries(timing ?? {}).map(([name, time]) => [name, dateOf(time)]));
}

function dateOf(time: Date | string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
