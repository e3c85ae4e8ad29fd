import type pg from 'pg';
import type { Timings } from './timings.ts';

/** The result of the main job, as `--report` writes it. Counted in the database when everything was done. */
export interface Report {
  readonly migration: {
    readonly entities: readonly {
      readonly entity: string;
      readonly legacyRows: number;
      readonly completed: number;
      readonly quarantined: number;
      readonly pending: number;
    }[];
    readonly runs: readonly {
      readonly runDate: string;
      readonly completed: number;
      readonly quarantined: number;
      readonly status: string;
    }[];
  };
  readonly verification: {
    readonly entities: readonly {
      readonly entity: string;
      readonly compared: number;
      readonly missing: number;
      readonly extra: number;
      readonly different: number;
    }[];
    /** Names of the named checks that did not pass. */
    readonly failedChecks: readonly string[];
    readonly clean: boolean;
  };
  readonly videos: readonly VideoReport[];
  readonly timings: Readonly<Record<string, number>>;
}

export interface VideoReport {
  readonly key: string;
  readonly videoId: string;
  readonly status: string;
  readonly multivariantUrl: string | null;
  readonly durationSeconds: number | null;
  readonly renditions: readonly { readonly name: string; readonly width: number; readonly height: number }[];
  /** Why it is not ready: `CODE: sentence`. */
  readonly reason: string | null;
}

export interface ReportOptions {
  readonly cdnUrl: string;
  readonly timings: Timings;
  /** Files that were not sent, so that the database knows nothing of them. @default none */
  readonly notSent?: readonly VideoReport[];
  /** Object keys in the order in which the files were given; other uploads follow. @default by time */
  readonly order?: readonly string[];
}

/** The last pass of the last run that came to its end. */
const LAST_VERIFICATION = `select p.run_id, max(p.pass) as pass
  from video_platform.migration_run r join video_platform.verification_run p on p.run_id = r.id
  where r.status = 'completed' group by p.run_id, r.started_at order by r.started_at desc limit 1`;

export async function readReport(database: pg.ClientBase, options: ReportOptions): Promise<Report> {
  const { cdnUrl, timings, notSent = [], order = [] } = options;
  const verification = await rows<Report['verification']['entities'][number] & { finished: boolean }>(
    database,
    `with last as (${LAST_VERIFICATION})
     select v.entity_type as entity, v.compared::int, v.missing::int, v.extra::int, v.different::int, v.finished_at is not null as finished
     from video_platform.verification_run v join last using (run_id, pass)
     order by v.started_at`,
  );
  const failedChecks = await rows<{ name: string }>(
    database,
    `with last as (${LAST_VERIFICATION})
     select c.name from video_platform.verification_check c join last using (run_id) where not c.passed order by c.name`,
  );
  const entities = await rows<Report['migration']['entities'][number]>(
    database,
    `select entity_type as entity, total::int as "legacyRows", completed::int, failed::int as quarantined, pending::int
     from video_platform.migration_dashboard`,
  );
  return {
    migration: { entities, runs: await readRuns(database) },
    verification: {
      entities: verification.map(({ finished, ...counts }) => counts),
      failedChecks: failedChecks.map(({ name }) => name),
      clean:
        failedChecks.length === 0 &&
        verification.length === entities.length &&
        verification.every(({ finished, missing, extra, different }) => finished && missing + extra + different === 0),
    },
    videos: inOrder([...(await readVideos(database, cdnUrl)), ...notSent], order),
    timings: timings.toReport(),
  };
}

function readRuns(database: pg.ClientBase): Promise<Report['migration']['runs']> {
  return rows(
    database,
    `select to_char(r.run_date, 'YYYY-MM-DD') as "runDate", coalesce(sum(e.completed), 0)::int as completed,
       coalesce(sum(e.quarantined), 0)::int as quarantined, r.status
     from video_platform.migration_run r
     left join video_platform.migration_run_entity e on e.run_id = r.id
     group by r.id order by r.started_at`,
  );
}

interface VideoRow extends Omit<VideoReport, 'multivariantUrl'> {
  readonly path: string | null;
}

async function readVideos(database: pg.ClientBase, cdnUrl: string): Promise<readonly VideoReport[]> {
  const videos = await rows<VideoRow>(
    database,
    `select u.object_key as key, u.video_id as "videoId", u.status, '/' || u.output_prefix || '/index.m3u8' as path,
       case when u.status = 'ready' then v.duration_seconds::float8 end as "durationSeconds", coalesce(u.renditions, '[]') as renditions,
       case when u.status in ('failed', 'cancelled') then u.reason_code || ': ' || u.reason end as reason
     from video_platform.video_upload u
     left join video_platform.videos v on v.id = u.video_id
     order by u.created_at, u.object_key`,
  );
  return videos.map(({ path, ...video }) => ({
    key: video.key,
    videoId: video.videoId,
    status: video.status,
    multivariantUrl: video.status === 'ready' ? `${cdnUrl}${path}` : null,
    durationSeconds: video.durationSeconds,
    renditions: video.renditions,
    reason: video.reason,
  }));
}

function inOrder(videos: readonly VideoReport[], keys: readonly string[]): readonly VideoReport[] {
  const placeOf = ({ key }: VideoReport) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return videos.toSorted((left, right) => placeOf(left) - placeOf(right));
}

async function rows<Row extends object>(database: pg.ClientBase, sql: string): Promise<readonly Row[]> {
  return (await database.query<Row>(sql)).rows;
}

/** 0: every row migrated or quarantined, diff empty and every named check passed, every video ready · 3: the same but for a video · 1: rows left, a diff, or a check that failed. */
export function exitCodeOf({ migration, verification, videos }: Report): 0 | 1 | 3 {
  const allAccounted = migration.entities.every(({ pending }) => pending === 0);
  if (!allAccounted || !verification.clean) return 1;
  return videos.every(({ status }) => status === 'ready') ? 0 : 3;
}
