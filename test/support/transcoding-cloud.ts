import { appendFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { type Assembly, readAssembly } from '../../local/assembly/read-assembly.ts';
import { type Cloud, startCloud } from '../../local/cloud/start-cloud.ts';
import { type LocatedFfmpeg, locateFfmpeg } from '../../local/ffmpeg/locate.ts';
import { readLinkPickSql } from '../../local/legacy/schema.ts';
import { startPostgres } from '../../local/postgres/start-postgres.ts';
import { synthesize } from '../../local/runner/synthesize.ts';
import { transcodeOf } from '../../local/runner/transcode-of.ts';
import type { ExecutionDescription } from '../../local/step-functions/describe-execution.ts';

/** What an upload has come to. */
export interface UploadRow {
  readonly object_key: string;
  readonly video_id: string;
  readonly upload_id: string;
  readonly status: string;
  readonly reason_code: string | null;
  readonly reason: string | null;
  readonly output_prefix: string | null;
  readonly execution_arn: string;
}

/** The synthesized app on the embedded cloud, with published videos that wait for their files. */
export interface TranscodingCloud {
  readonly cloud: Cloud;
  readonly assembly: Assembly;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly endpoint: string;
  readonly region: string;
  readonly ffmpeg: LocatedFfmpeg;
  /** For the caller's own files, removed at the end. The cloud's state is below it, in `data`. */
  readonly directory: string;
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Makes a video and answers its id. */
  newVideo(): Promise<string>;
  /** Resolves when an execution for the object has ended from now on; its outcome stands in the database. */
  executionEnded(key: string): Promise<ExecutionDescription>;
  uploadsOf(videoId: string): Promise<UploadRow[]>;
  /** A client of another service, as anyone would make one. */
  client<Client>(service: new (options: ClientOptions) => Client): Client;
  close(): Promise<void>;
}

interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const CHANNEL = '00000000-0000-8000-8000-000000000001';

/** No LinkPick rows: an upload needs a video and nothing else. Everything is stopped and removed by `close`. */
export async function startTranscodingCloud(): Promise<TranscodingCloud> {
  const cleanups = new AsyncDisposableStack();
  try {
    const directory = cleanups.adopt(temporaryDirectory(), (path) => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
    const data = join(directory, 'data');
    const [postgres, ffmpeg] = await Promise.all([
      startPostgres({ dataDir: join(directory, 'postgres'), port: 0, durable: false }),
      locateFfmpeg(),
      synthesize(join(directory, 'cdk.out')),
    ]);
    cleanups.defer(() => postgres.stop());
    const assembly = readAssembly(join(directory, 'cdk.out'));
    const databaseName = assembly.outputs.DatabaseName ?? '';
    const pool = cleanups.adopt(await linkpick(postgres.urlOf.bind(postgres), databaseName), (open) => open.end());
    const log = join(directory, 'cloud.log');
    const cloud = cleanups.adopt(
      await startCloud({
        ...{ assembly, postgres, ffmpeg, dataDir: data, port: 0, onEncodeProgress: () => {} },
        onLog: (from, line) => appendFileSync(log, `${from} ${line}\n`),
      }),
      (started) => started.close(),
    );
    await cloud.deploy();
    await pool.query(`insert into video_platform.users (id, email, name, user_type) values ('u', 'u@example.com', '이름', 'CREATOR')`);
    await pool.query(`insert into video_platform.channels (id, user_id, name, handle) values ('${CHANNEL}', 'u', '채널', '채널')`);
    const stack = cleanups.move();
    const query: TranscodingCloud['query'] = async (sql, values = []) => (await pool.query(sql, [...values])).rows;
    let videos = 0;
    return {
      ...{ cloud, assembly, s3: cloud.s3, bucket: assembly.outputs.VideosBucketName ?? '', endpoint: cloud.endpoint },
      ...{ region: assembly.placement.region, ffmpeg, directory, query },
      newVideo: async () => {
        videos += 1;
        const id = `video-${videos}`;
        await query(`insert into video_platform.videos (id, channel_id, title, status) values ($1, '${CHANNEL}', '제목', 'PUBLISHED')`, [
          id,
        ]);
        return id;
      },
      executionEnded: (key) => transcodeOf(key, cloud),
      uploadsOf: (videoId) =>
        query(`select * from video_platform.video_upload where video_id = $1 order by uploaded_at, created_at`, [videoId]),
      client: (service) =>
        new service({
          ...{ endpoint: cloud.endpoint, region: assembly.placement.region },
          credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        }),
      close: () => stack.disposeAsync(),
    };
  } catch (error) {
    await cleanups.disposeAsync();
    throw error;
  }
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'videopick-transcoding-'));
  // PostgreSQL may have to run as another user and passes through here to its own folder.
  chmodSync(directory, 0o711);
  return directory;
}

/** LinkPick's empty tables, which the schema's triggers want. */
async function linkpick(urlOf: (database: string) => string, name: string): Promise<pg.Pool> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  await admin.query(`create database ${admin.escapeIdentifier(name)}`);
  await admin.end();
  const pool = new pg.Pool({ connectionString: urlOf(name), max: 3 });
  pool.on('error', () => {}); // idle connections end when the server stops
  await pool.query(await readLinkPickSql());
  return pool;
}
