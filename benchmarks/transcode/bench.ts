import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Job, MediaConvertClient, paginateListJobs } from '@aws-sdk/client-mediaconvert';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { AppConfig } from '../../local/appconfig/app-config.ts';
import { withAgent } from '../../local/appconfig/with-agent.ts';
import { Specs } from '../../local/cloud/specs.ts';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { type FunctionSpec, functionEnvironment } from '../../local/lambda/function-spec.ts';
import { startTranscodingCloud, type TranscodingCloud, type UploadRow } from '../../test/support/transcoding-cloud.ts';
import type { Sizes } from './sizes.ts';

/** What one upload came to, and when. Times in epoch milliseconds. */
export interface Transcoded {
  readonly upload: UploadRow;
  readonly executionArn: string;
  readonly createdMs: number;
  readonly submittedMs: number;
  readonly readyMs: number;
  readonly job: Job;
}

/** A Lambda as it is deployed, for a process of its own. */
export interface Deployed {
  readonly name: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What every measurement works with. */
export class Bench {
  readonly rounds: number;
  readonly sizes: Sizes;
  readonly stack: TranscodingCloud;
  readonly #appConfig: AppConfig;
  readonly #agentPort: number;
  readonly #mediaConvert: MediaConvertClient;

  private constructor(stack: TranscodingCloud, appConfig: AppConfig, agentPort: number, rounds: number, sizes: Sizes) {
    this.stack = stack;
    this.#appConfig = appConfig;
    this.#agentPort = agentPort;
    this.#mediaConvert = stack.client(MediaConvertClient);
    this.rounds = rounds;
    this.sizes = sizes;
  }

  static async start(rounds: number, sizes: Sizes): Promise<Bench> {
    const stack = await startTranscodingCloud();
    // For Lambdas in processes of their own: the settings as the template has them.
    const appConfig = new AppConfig({ resources: stack.assembly.resources, stateFile: join(stack.directory, 'appconfig.json') });
    return new Bench(stack, appConfig, await appConfig.listen(), rounds, sizes);
  }

  /** Makes a source in the bench's folder. */
  async clip(name: string, clip: { width: number; height: number; seconds: number; frameRate?: string }): Promise<string> {
    const file = join(this.stack.directory, name);
    this.say(`making ${name}: ${clip.seconds} s of ${clip.width}×${clip.height} …`);
    await makeClip(file, { ffmpeg: this.stack.ffmpeg, ...clip });
    return file;
  }

  /** Puts a file into the bucket for a new video and waits until it plays. @throws when it does not come to that */
  async transcode(file: string): Promise<Transcoded> {
    const { stack } = this;
    const videoId = await stack.newVideo();
    const key = `originals/${videoId}/clip.mp4`;
    const { promise: created, resolve } = Promise.withResolvers<number>();
    // The object is there and its event has come; before it, no execution knows the key.
    const off = stack.cloud.stepFunctions.onExecution(({ input }) => {
      if (input?.includes(`"${key}"`)) resolve(Date.now());
    });
    const ended = stack.executionEnded(key);
    await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: readFileSync(file) }));
    const putMs = Date.now();
    const { executionArn } = await ended;
    const readyMs = Date.now();
    off();
    const [upload] = await stack.uploadsOf(videoId);
    if (upload?.status !== 'ready') throw new Error(`${file} became ${upload?.status}: ${upload?.reason}; expected ready`);
    const job = await this.#jobOf(upload.upload_id);
    // MediaConvert's job ids begin with the time of their creation; the API's own times have whole seconds.
    const submittedMs = Number(job.Id?.split('-')[0]);
    return { upload, executionArn, createdMs: Math.min(putMs, await created), submittedMs, readyMs, job };
  }

  /** The Lambdas as they would run in the cloud, against this bench's services. */
  deployed(): readonly Deployed[] {
    const { assembly, endpoint, region } = this.stack;
    return new Specs(assembly).functions().map((spec: FunctionSpec) => ({
      name: spec.name.replace(/^videopick-[a-z]+-/, ''),
      bundle: join(spec.codeDir, 'index.mjs'),
      environment: functionEnvironment(withAgent(spec, this.#agentPort), { endpoint, region }),
    }));
  }

  /** What is being measured, for the person who waits. */
  say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    await this.#appConfig.close();
    await this.stack.close();
  }

  async #jobOf(uploadId: string): Promise<Job> {
    for await (const { Jobs = [] } of paginateListJobs({ client: this.#mediaConvert }, {})) {
      const found = Jobs.find(({ UserMetadata }) => UserMetadata?.uploadId === uploadId && UserMetadata.kind === 'hls');
      if (found !== undefined) return found;
    }
    throw new Error(`no job has the upload ${uploadId}`);
  }
}
