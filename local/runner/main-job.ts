import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import pg from 'pg';
import { readAssembly } from '../assembly/read-assembly.ts';
import { type Cloud, startCloud } from '../cloud/start-cloud.ts';
import { locateFfmpeg } from '../ffmpeg/locate.ts';
import { makeClip } from '../ffmpeg/make-clip.ts';
import { Gateway } from '../gateway/gateway.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { openDataDirectory } from './data-directory.ts';
import { describeEncode } from './encode-progress.ts';
import { handOver } from './hand-over.ts';
import { LOCAL_FILE, localFileIn, removeLocalFile, writeLocalFile } from './local-file.ts';
import { migrate } from './migrate.ts';
import type { Options } from './options.ts';
import { legacySourceOf, prepareLegacy } from './prepare-legacy.ts';
import { duration, Progress, type Screen } from './progress.ts';
import { exitCodeOf, readReport } from './report.ts';
import { resumeUploads } from './resume-uploads.ts';
import { summarize } from './summary.ts';
import { synthesize } from './synthesize.ts';
import { Timings } from './timings.ts';
import { hasPublishedVideo, type PlannedUpload, planUploads, upload } from './upload.ts';

export interface MainJob {
  /** What `--once` exits with. */
  readonly exitCode: 0 | 1 | 3;
  readonly cloud: Cloud;
}

/**
 * The main job: the stack starts, LinkPick's rows become VideoPick's, uploads become playing videos, and the result is reported.
 * Everything is handed to `cleanups` when it begins to start; they end it in reverse order, whether the job ended or not.
 */
export async function runMainJob(options: Options, screen: Screen, cleanups: AsyncDisposableStack, signal: AbortSignal): Promise<MainJob> {
  const timings = new Timings();
  const progress = new Progress(screen);
  const source = legacySourceOf(options.legacy);
  await Gateway.checkPort(options.port);
  signal.throwIfAborted();
  const directory = cleanups.adopt(openDataDirectory(options.dataDir), (taken) => taken.release());
  const inDirectory = (name: string) => join(directory.path, name);
  const started = <T>(start: () => Promise<T>, end: (started: T) => void | Promise<void>) => handOver({ cleanups, signal }, start, end);
  const step = async <T>(name: string, title: string, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    progress.line(title);
    const result = await timings.measure(name, work);
    progress.line(`  ${duration(timings.ms(name))}`);
    return result;
  };

  const { assembly, postgres, ffmpeg, files } = await step('start', 'Starting PostgreSQL, synthesizing the CDK app', async () => {
    const [postgres, assembly, { ffmpeg, files }] = await settled(
      timings.measure('postgres', () =>
        started(
          () => startPostgres({ dataDir: inDirectory('postgres'), port: options.databasePort, durable: options.dataDir !== undefined }),
          (server) => server.stop(),
        ),
      ),
      timings.measure('synth', async () => {
        await started(() => synthesize(inDirectory('cdk.out'), { signal }), nothingToEnd);
        return readAssembly(inDirectory('cdk.out'));
      }),
      timings.measure('clip', () => started(() => prepareVideos(options.videos, inDirectory('clip.mp4'), signal), nothingToEnd)),
    );
    return { assembly, postgres, ffmpeg, files };
  });
  const { DatabaseName: databaseName = '', ClusterArn: clusterArn = '', SecretArn: secretArn = '' } = assembly.outputs;
  await step('legacy', 'Loading LinkPick', () => prepareLegacy(source, databaseName, { postgres, dataDir: directory.path, progress }));

  const cloud = await step('deploy', 'Deploying to the embedded cloud', async () => {
    const cloud = await started(
      () =>
        startCloud({
          assembly,
          postgres,
          ffmpeg,
          dataDir: directory.path,
          port: options.port,
          onLog: (from, line) => appendFileSync(inDirectory('cloud.log'), `${new Date().toISOString()} ${from} ${line}\n`),
          onEncodeProgress: (encode) => progress.update(`  ${describeEncode(encode)}`),
        }),
      (cloud) => cloud.close(),
    );
    await cloud.deploy();
    return cloud;
  });
  const databaseUrl = postgres.urlOf(databaseName);
  const database = new pg.Client({ connectionString: databaseUrl, application_name: 'videopick runner' });
  // When PostgreSQL is stopped first the connection breaks; a query that needs it reports that.
  database.on('error', () => {});
  await started(
    () => database.connect(),
    () => database.end(),
  );
  const links = { endpoint: cloud.endpoint, cdnUrl: cloud.endpoint, databaseUrl };
  const buckets = {
    videos: assembly.outputs.VideosBucketName ?? '',
    static: assembly.outputs.StaticBucketName ?? '',
    reports: assembly.outputs.ReportsBucketName ?? '',
  };
  for (const file of [LOCAL_FILE, localFileIn(directory.path)]) {
    writeLocalFile(file, {
      ...links,
      region: assembly.placement.region,
      clusterArn,
      secretArn,
      databaseName,
      stateMachines: cloud.stateMachines,
      buckets,
      functions: cloud.functions,
      pid: process.pid,
    });
    cleanups.defer(() => removeLocalFile(file, process.pid));
  }
  progress.line(`  watch it at ${links.cdnUrl}/`);

  await step('migrate', 'Migrating, a day at a time', () =>
    migrate({ cloud, database, dailyLimit: options.dailyLimit, attended: !options.once, progress, signal }),
  );
  // Nobody asked for the clip: without a video to take it, the rows are the whole job.
  const clipHasNoVideo = options.videos.length === 0 && !(await hasPublishedVideo(database));
  if (clipHasNoVideo) progress.line('No published video came out of the migration, so no clip is uploaded');
  const toSend = clipHasNoVideo ? [] : files;
  const title = `Uploading and encoding ${toSend.length} video(s) with ffmpeg ${ffmpeg.version} (${ffmpeg.origin})`;
  const { plans, notSent } = await step('transcode', title, async () => {
    if (ffmpeg.warning !== undefined) progress.line(`  ${ffmpeg.warning}`);
    const plans = await planUploads(toSend, database);
    const resumed = await resumeUploads({ cloud, database, except: plans.map(({ key }) => key) });
    if (resumed > 0) progress.line(`  ${resumed} upload(s) that were cut off go on`);
    const onOutcome = ({ file, videoId }: PlannedUpload, status: string) => progress.line(`  ${basename(file)}: ${status} (${videoId})`);
    return { plans, notSent: await upload(plans, { cloud, database, bucket: buckets.videos, signal, onOutcome }) };
  });

  const report = await readReport(database, { cdnUrl: links.cdnUrl, timings, notSent, order: plans.map(({ key }) => key) });
  if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  for (const line of summarize(report, links)) progress.line(line);
  return { exitCode: exitCodeOf(report), cloud };
}

/** For what ends by itself. Until then it writes into the data directory, which the clean-ups therefore leave to it. */
const nothingToEnd = () => {};

/** The given files, or a clip made on the spot. A kept directory keeps its clip. */
async function prepareVideos(videos: readonly string[], clip: string, signal: AbortSignal) {
  const ffmpeg = await locateFfmpeg();
  if (videos.length === 0 && !existsSync(clip)) await makeClip(clip, { ffmpeg, signal });
  return { ffmpeg, files: videos.length === 0 ? [clip] : videos };
}

/** Waits for all even when one fails, so that nothing goes on starting behind the clean-up's back; then the first failure counts. */
async function settled<T extends readonly unknown[]>(...work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(work);
  return (await Promise.all(work)) as unknown as T;
}
