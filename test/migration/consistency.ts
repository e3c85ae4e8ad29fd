import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { testSettings, timeLeftMs } from '../support/migration.ts';
import type { MigrationDatabase } from '../support/migration-database.ts';

/** Applies the change log as the schedule does. */
export function catchUpNow({ db }: Pick<MigrationDatabase, 'db'>) {
  return catchUp({}, { db, settings: testSettings(), timeLeftMs });
}

/** Verifies under a run of its own and gives its id. */
async function verifyAll({ db, query }: MigrationDatabase, recompute: boolean): Promise<string> {
  const [run] = await query<{ id: string }>(
    `insert into video_platform.migration_run (execution_arn, run_date, status) values ($1, '2026-11-23', 'completed') returning id`,
    [randomUUID()],
  );
  const runId = run?.id ?? '';
  await verifyEntity({ runId, runDate: '2026-11-23', recompute }, { db, timeLeftMs });
  return runId;
}

/**
 * What must hold at rest, whatever came before: the log is applied, the diff is empty, every legacy row is accounted for in ledger, dashboard,
 * quarantine, mapping and target alike, and handles are unique.
 */
export async function expectConsistent(database: MigrationDatabase): Promise<void> {
  expect(await database.query('select entity_type, legacy_id from video_platform.pending_change limit 5'), 'changes left').toEqual([]);
  // By versions, as every run does, and by all values: the first must not hide what the second sees.
  for (const recompute of [false, true]) {
    const runId = await verifyAll(database, recompute);
    const differences = await database.query(
      `select entity_type, missing::int, extra::int, different::int, unaccounted::int, mismapped::int, findings from video_platform.verification_run
       where run_id = $1 and missing + extra + different + unaccounted + mismapped > 0`,
      [runId],
    );
    expect(differences, `differences, recompute: ${recompute}`).toEqual([]);
  }
  const unbalanced = await database.query(
    `select d.entity_type, d.total::int, d.completed::int, d.failed::int, d.pending::int, l.*, m.mapped
     from video_platform.migration_dashboard d
     cross join lateral (
       select count(*) filter (where status = 'completed')::int as in_ledger, count(*) filter (where status = 'failed')::int as set_aside
       from video_platform.migration_status s where s.entity_type = d.entity_type) l
     cross join lateral (
       select count(*)::int as mapped from video_platform.entity_mapping m
       where m.entity_type = d.entity_type and not exists (
         select from video_platform.migration_status s -- served as it was
         where s.entity_type = m.entity_type and s.legacy_id = m.legacy_id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])) m
     where (d.completed, d.failed, d.completed) is distinct from (l.in_ledger, l.set_aside, m.mapped)
       or d.completed + d.failed + d.pending <> d.total or least(d.completed, d.failed, d.pending) < 0`,
  );
  expect(unbalanced, 'the accounts').toEqual([]);
  const mismapped = await database.query(
    `select m.* from video_platform.entity_mapping m
     full join (
       select 'user' as entity_type, id::text as new_id from video_platform.users where origin = 'legacy'
       union all select 'channel', id::text from video_platform.channels where origin = 'legacy'
       union all select 'channel_setting', id from video_platform.channel_settings where origin = 'legacy'
       union all select 'video', id from video_platform.videos where origin = 'legacy'
       union all select 'video_submission', id from video_platform.video_submissions where origin = 'legacy'
       union all select 'watch_later', id from video_platform.watch_later where origin = 'legacy'
       union all select 'video_analytics', id from video_platform.video_analytics where origin = 'legacy'
     ) t on t.entity_type = m.entity_type and t.new_id = m.new_id
     where m.new_id is null or t.new_id is null`,
  );
  expect(mismapped, 'mapping one-to-one').toEqual([]);
  const shared = await database.query('select handle from video_platform.channels group by handle having count(*) > 1');
  expect(shared, 'shared handles').toEqual([]);
}
