import type { DataApi, Row } from '../data-api/data-api.ts';
import { RolloutClosedError, RolloutInProgressError } from './errors.ts';
import type { Gate } from './gates.ts';

export type RolloutEnd = 'completed' | 'refused' | 'rolled_back' | 'failed';

export interface OpenRollout {
  readonly id: string;
  readonly executionArn: string;
  readonly phase: string;
  readonly percent: number;
  /** Since it was opened, by the database's clock. */
  readonly heldSeconds: number;
}

/** How the reason begins where the next rollout has ended one whose execution is gone: nobody was told of that. */
export const TAKEN_OVER = 'its execution ended without closing the rollout';

/** The rollout at work; there is at most one (a unique index). */
export async function runningRollout(db: DataApi): Promise<OpenRollout | undefined> {
  const [row] = await db.query<Row & OpenRollout>(
    `select id, execution_arn as "executionArn", phase, percent, extract(epoch from now() - started_at)::float8 as "heldSeconds"
     from video_platform.rollout_history where status = 'running'`,
  );
  return row;
}

/**
 * Takes the place of the one rollout at work. A repeated call finds its own; of two that ask at once one is refused, and its row says so.
 * @throws {RolloutInProgressError} @throws {RolloutClosedError}
 */
export async function openRollout(db: DataApi, opening: { executionArn: string; phase: string; percent: number }): Promise<string> {
  await db.query(
    `insert into video_platform.rollout_history (execution_arn, phase, percent) values (:executionArn, :phase, :percent)
     on conflict do nothing`,
    opening,
  );
  const running = await runningRollout(db);
  if (running?.executionArn === opening.executionArn) return running.id;
  if (running === undefined) throw new RolloutClosedError(opening.executionArn);
  throw new RolloutInProgressError(`the rollout of phase ${running.phase} (${running.executionArn})`);
}

/** Keeps a request that was not let begin. */
export async function recordRefusal(
  db: DataApi,
  { executionArn, phase, percent, reason }: { executionArn: string; phase: string; percent: number; reason: string },
): Promise<void> {
  await db.query(
    `insert into video_platform.rollout_history (execution_arn, phase, percent, status, reason, finished_at)
     values (:executionArn, :phase, :percent, 'refused', :reason, now())
     on conflict (execution_arn) do update set status = 'refused', reason = excluded.reason, finished_at = excluded.finished_at
       where video_platform.rollout_history.status = 'running'`,
    { executionArn, phase, percent, reason },
  );
}

export async function recordGates(db: DataApi, id: string, gates: readonly Gate[]): Promise<void> {
  await db.query('update video_platform.rollout_history set gates = :gates::jsonb where id = :id::uuid', {
    id,
    gates: JSON.stringify(gates),
  });
}

export async function recordFlags(db: DataApi, id: string, flags: { before: unknown; after: unknown }): Promise<void> {
  await db.query(
    'update video_platform.rollout_history set flags_before = :before::jsonb, flags_after = :after::jsonb where id = :id::uuid',
    { id, before: JSON.stringify(flags.before), after: JSON.stringify(flags.after) },
  );
}

export async function recordVersion(db: DataApi, id: string, profile: 'flags' | 'notices', version: number): Promise<void> {
  const column = profile === 'flags' ? 'flags_version' : 'notice_version';
  await db.query(`update video_platform.rollout_history set ${column} = :version where id = :id::uuid`, { id, version });
}

/** Ends a rollout; the first end counts. */
export async function endRollout(
  db: DataApi,
  id: string,
  { status, reason, deploymentNumber }: { status: RolloutEnd; reason: string | null; deploymentNumber: number | null },
): Promise<void> {
  await db.query(
    `update video_platform.rollout_history set status = :status, reason = :reason, finished_at = now(),
       deployment_number = coalesce(:deploymentNumber::int, deployment_number)
     where id = :id::uuid and status = 'running'`,
    { id, status, reason, deploymentNumber },
  );
}

/** A rollout as people are told of it. */
export interface EndedRollout {
  readonly executionArn: string;
  readonly phase: string;
  readonly percent: number;
  readonly status: RolloutEnd | 'running';
  readonly reason: string | null;
}

/** The execution's rollout while it is at work. */
export async function readOpened(db: DataApi, executionArn: string): Promise<OpenRollout | undefined> {
  const running = await runningRollout(db);
  return running?.executionArn === executionArn ? running : undefined;
}

/** How the execution's rollout ended; undefined when it has none on record. */
export async function readEnd(db: DataApi, executionArn: string): Promise<(EndedRollout & { readonly status: RolloutEnd }) | undefined> {
  const [row] = await db.query<Row & EndedRollout & { status: RolloutEnd }>(
    `select execution_arn as "executionArn", phase, percent, status, reason from video_platform.rollout_history
     where execution_arn = :executionArn and status <> 'running'`,
    { executionArn },
  );
  return row;
}
