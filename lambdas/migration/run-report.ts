import type { DataApi, Row } from '../data-api/data-api.ts';
import { readAccounts } from './accounts.ts';
import { entities } from './entities/index.ts';
import type { Pause } from './pause.ts';
import { Settings } from './settings.ts';
import { type SwitchedOff, switchedOff } from './switched-off.ts';

/** What a run did and how the whole migration stands after it. Counts only, no rows. */
export interface RunReport {
  readonly runId: string;
  /** The day in Asia/Seoul whose quota the run used, as `2026-11-23`. */
  readonly runDate: string;
  readonly status: string;
  readonly reason: string | null;
  /** Why the run stopped before its end; null when it did not. */
  readonly pause: Pause | null;
  /** Entities that the settings had switched off when the run was closed, in order. */
  readonly switchedOff: readonly SwitchedOffReport[];
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Rows this run's batches copied. */
  readonly completed: number;
  /** Rows in quarantine that were not when the run began, whichever step set them aside. */
  readonly quarantined: number;
  readonly quota: { readonly dailyLimit: number; readonly completed: number; readonly remaining: number };
  readonly entities: readonly EntityReport[];
  /** Of this run, in the order in which entities were copied. */
  readonly rates: readonly EntityRate[];
  readonly verification: readonly VerificationReport[];
  readonly checks: readonly CheckResult[];
  /** True when every entity was verified in this run, nothing was missing, extra or different, and every named check passed. */
  readonly clean: boolean;
}

export interface EntityReport {
  readonly entity: string;
  readonly legacyRows: number;
  readonly completed: number;
  readonly quarantined: number;
  readonly pending: number;
  /** As the report's `completed` and `quarantined`, of this entity. */
  readonly completedNow: number;
  readonly quarantinedNow: number;
  /** Quarantined rows by reason class, of the whole migration. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface SwitchedOffReport extends SwitchedOff {
  /** Rows that wait for it, of itself and of those that refer to it. */
  readonly pending: number;
  /** Since when it has been off. */
  readonly since: string;
}

export interface VerificationReport {
  readonly entity: string;
  readonly compared: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly findings: readonly unknown[];
  readonly finished: boolean;
}

export interface EntityRate {
  readonly entity: string;
  /** Rows completed or set aside per second, from the begin of the first batch to the end of the last. */
  readonly rowsPerSecond: number;
}

/** The answer to a named check, such as "User Count Match". Counts only, no row values. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly value: number | string;
  readonly expected: number | string;
}

interface RunRow extends Row {
  readonly runId: string;
  readonly runDate: string;
  readonly status: string;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly quota: RunReport['quota'];
  readonly pause: RunReport['pause'];
}

/** Reads the run's report. @throws {Error} when the run was never opened */
export async function readRunReport(db: DataApi, runId: string): Promise<RunReport> {
  const [run] = await db.query<RunRow>(
    `select r.id as "runId", to_char(r.run_date, 'YYYY-MM-DD') as "runDate", r.status, r.reason, r.pause,
       to_char(r.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
       to_char(r.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "finishedAt",
       jsonb_build_object('dailyLimit', q.daily_limit, 'completed', q.completed,
         'remaining', greatest(q.daily_limit - q.completed, 0)) as quota
     from video_platform.migration_run r
     join video_platform.migration_quota q on q.run_date = r.run_date
     where r.id = :runId::uuid`,
    { runId },
  );
  if (run === undefined)
    throw new Error(`run ${runId} has no row in migration_run or no quota for its date; expected both once it was opened`);
  const accounts = await readEntities(db, runId);
  const verification = await readVerification(db, runId);
  const checks = await readChecks(db, runId);
  return {
    ...run,
    switchedOff: await readSwitchedOff(db, accounts),
    completed: sum(accounts.map(({ completedNow }) => completedNow)),
    quarantined: sum(accounts.map(({ quarantinedNow }) => quarantinedNow)),
    entities: accounts,
    verification,
    checks,
    rates: await readRates(db, runId),
    clean: verification.length === entities.length && verification.every(isClean) && checks.every(({ passed }) => passed),
  };
}

async function readEntities(db: DataApi, runId: string): Promise<readonly EntityReport[]> {
  const [accounts, ofRun] = await Promise.all([readAccounts(db), readOfRun(db, runId)]);
  return accounts.map(({ entity: { name }, total, completed, failed, pending }) => {
    const { completedNow = 0, quarantinedNow = 0, reasons = {} } = ofRun.find(({ entity }) => entity === name) ?? {};
    return { entity: name, legacyRows: total, completed, quarantined: failed, pending, completedNow, quarantinedNow, reasons };
  });
}

type OfRun = Pick<EntityReport, 'entity' | 'completedNow' | 'quarantinedNow' | 'reasons'>;

/** What the run has done of each entity, and what is in quarantine by now. */
function readOfRun(db: DataApi, runId: string): Promise<readonly OfRun[]> {
  return db.query<Row & OfRun>(
    `select entity, coalesce(e.completed, 0)::int as "completedNow",
       (select count(*) from video_platform.migration_status s join video_platform.migration_run r on r.id = :runId::uuid
        where s.entity_type = entity and s.status = 'failed' and (s.metadata ->> 'firstAt')::timestamptz >= r.started_at)::int as "quarantinedNow",
       (select coalesce(jsonb_object_agg(reason, count), '{}') from (
          select reason, count(*) as count from video_platform.quarantine q where q.entity_type = entity group by reason) by_reason) as reasons
     from jsonb_array_elements_text(:entities::jsonb) entity
     left join video_platform.migration_run_entity e on e.run_id = :runId::uuid and e.entity_type = entity`,
    { runId, entities: JSON.stringify(entities.map(({ name }) => name)) },
  );
}

/** From the settings that the run's steps put on record; an earlier document may no longer fit. */
async function readSwitchedOff(db: DataApi, accounts: readonly EntityReport[]): Promise<readonly SwitchedOffReport[]> {
  const [record] = await db.query<Row & { in_force: unknown; since: string; off_since: Readonly<Record<string, string>> }>(
    `select in_force, to_char(in_force_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since, off_since
     from video_platform.migration_settings`,
  );
  const settings = Settings.safeParse(record?.in_force).data;
  if (record === undefined || settings === undefined) return [];
  return switchedOff(settings).map((off) => ({
    ...off,
    pending: sum(accounts.filter(({ entity }) => off.waiting.includes(entity)).map(({ pending }) => pending)),
    since: record.off_since[off.entity] ?? record.since, // off since before that was kept
  }));
}

async function readChecks(db: DataApi, runId: string): Promise<readonly CheckResult[]> {
  return db.query<CheckResult & Row>(
    'select name, passed, value, expected from video_platform.verification_check where run_id = :runId::uuid order by name',
    { runId },
  );
}

async function readRates(db: DataApi, runId: string): Promise<readonly EntityRate[]> {
  return db.query<EntityRate & Row>(
    `select entity_type as entity, round((completed + quarantined) / extract(epoch from updated_at - started_at))::float8 as "rowsPerSecond"
     from video_platform.migration_run_entity
     where run_id = :runId::uuid and updated_at > started_at and completed + quarantined > 0
     order by started_at`,
    { runId },
  );
}

async function readVerification(db: DataApi, runId: string): Promise<readonly VerificationReport[]> {
  return db.query<VerificationReport & Row>(
    `select v.entity_type as entity, v.compared::int as compared, v.missing::int as missing, v.extra::int as extra,
       v.different::int as different, v.findings, v.finished_at is not null as finished
     from video_platform.verification_run v
     where v.run_id = :runId::uuid and v.pass = (select max(pass) from video_platform.verification_run where run_id = :runId::uuid)
     order by v.started_at`,
    { runId },
  );
}

function isClean({ finished, missing, extra, different }: VerificationReport): boolean {
  return finished && missing + extra + different === 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
