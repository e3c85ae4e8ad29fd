import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { JOB_ERRORS, JobError } from './job-error.ts';
import { readSegment, type SegmentFacts } from './read-segment.ts';
import type { S3Location } from './s3-location.ts';
import { type Upload, uploadAll } from './upload.ts';
import { withoutServiceDescription } from './without-service-description.ts';

/** A rung's segments: `<prefix>_00001.ts` in the private directory, each with its place in S3. */
export interface SegmentSeries {
  readonly prefix: string;
  /** `number` counts from 1. */
  readonly placeOf: (number: number) => S3Location;
}

export interface SegmentPumpOptions {
  readonly directory: string;
  /** Not counted as output. */
  readonly inputFile: string;
  readonly s3: S3Client;
  readonly signal: AbortSignal;
  /** All outputs together. */
  readonly maxBytes: number;
}

/**
 * Measures and uploads segments while the encoder writes the next ones, and removes them: the disk holds a few at a time, and nothing waits for the end.
 */
export class SegmentPump {
  readonly #series: readonly SegmentSeries[];
  readonly #options: SegmentPumpOptions;
  readonly #facts = new Map<string, SegmentFacts[]>();
  readonly #placed: S3Location[] = [];
  #movedBytes = 0;
  #pass: Promise<void> | undefined;

  constructor(series: readonly SegmentSeries[], options: SegmentPumpOptions) {
    this.#series = series;
    this.#options = options;
  }

  /** Moves what is complete, unless a pass is under way. The encoder may still be writing the last segment of a rung: it stays. */
  advance(onError: (error: unknown) => void): void {
    this.#pass ??= this.#move({ last: false })
      .catch(onError)
      .finally(() => {
        this.#pass = undefined;
      });
  }

  /** Moves the rest, after the encoder has ended. Answers the facts of each series by prefix, in order. */
  async finish(): Promise<ReadonlyMap<string, readonly SegmentFacts[]>> {
    await this.#pass;
    await this.#move({ last: true });
    return this.#facts;
  }

  /** Takes back what a job that did not complete has uploaded. */
  async discard(): Promise<void> {
    await this.#pass;
    const { s3 } = this.#options;
    for (const { bucket, key } of this.#placed.splice(0)) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }

  /** Segments that were uploaded so far. */
  get count(): number {
    return this.#placed.length;
  }

  /** Series side by side, the segments of one in order: as many in memory as there are series. */
  async #move({ last }: { last: boolean }): Promise<void> {
    const files = await readdir(this.#options.directory);
    await this.#checkSize(files);
    const moves = this.#series.map(async (series) => {
      const numbers = segmentNumbers(files, series.prefix);
      for (const number of last ? numbers : numbers.slice(0, -1)) await this.#moveOne(series, number);
    });
    // All of them end before a failure is told, so that `discard` finds what was placed.
    const failed = (await Promise.allSettled(moves)).find((move) => move.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #moveOne({ prefix, placeOf }: SegmentSeries, number: number): Promise<void> {
    const { directory, s3, signal } = this.#options;
    signal.throwIfAborted();
    const file = `${prefix}_${String(number).padStart(5, '0')}.ts`;
    const bytes = withoutServiceDescription(await readFile(join(directory, file)));
    this.#factsOf(prefix).push(factsOf(bytes, file));
    const upload: Upload = { to: placeOf(number), type: 'ts', content: { bytes } };
    this.#placed.push(upload.to);
    await uploadAll([upload], { s3, directory, signal });
    this.#movedBytes += bytes.length;
    await rm(join(directory, file));
  }

  async #checkSize(files: readonly string[]): Promise<void> {
    const { directory, inputFile, maxBytes } = this.#options;
    let total = this.#movedBytes;
    for (const file of files) if (file !== inputFile) total += await sizeOf(join(directory, file));
    if (total <= maxBytes) return;
    throw new JobError(
      JOB_ERRORS.TRANSCODING,
      `the outputs have ${total} bytes, more than the ${maxBytes} that their bitrates and length explain`,
    );
  }

  #factsOf(prefix: string): SegmentFacts[] {
    const facts = this.#facts.get(prefix) ?? [];
    this.#facts.set(prefix, facts);
    return facts;
  }
}

/** Ascending. */
function segmentNumbers(files: readonly string[], prefix: string): number[] {
  const pattern = new RegExp(`^${prefix}_(\\d+)\\.ts$`);
  return files.flatMap((name) => pattern.exec(name)?.slice(1).map(Number) ?? []).sort((left, right) => left - right);
}

/** The encoder renames and removes files of its own at any time. */
async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** @throws {JobError} when the segment cannot be read back, or does not open with an IDR and so could not be played by itself */
function factsOf(ts: Buffer, file: string): SegmentFacts {
  try {
    const facts = readSegment(ts);
    if (facts.opensWithIdr) return facts;
  } catch (cause) {
    throw new JobError(JOB_ERRORS.TRANSCODING, `segment ${file} cannot be read back`, { cause });
  }
  throw new JobError(JOB_ERRORS.TRANSCODING, `segment ${file} does not open with an IDR picture and its parameter sets`);
}
