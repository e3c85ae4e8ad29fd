import { compileProjection } from '../../lambdas/migration/compile/projection.ts';
import { user } from '../../lambdas/migration/entities/user.ts';
import type { Violation } from './check.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** Verifies anew, as the next pass of the run, by versions as every day. */
export type Verify = () => Promise<unknown>;

interface Differences {
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}

/** What the last pass of the newest run found. */
async function findings(world: World): Promise<Differences> {
  const [row] = await world.rows<{ missing: number; extra: number; different: number }>(
    `select sum(missing)::int as missing, sum(extra)::int as extra, sum(different)::int as different from video_platform.verification_run v
     where v.run_id = (select id from video_platform.migration_run order by started_at desc limit 1)
       and v.pass = (select max(pass) from video_platform.verification_run last where last.run_id = v.run_id)`,
  );
  return row ?? { missing: 0, extra: 0, different: 0 };
}

const NONE: Differences = { missing: 0, extra: 0, different: 0 };

/** One row of the target or of the ledger, changed behind the engine's back, and what verification must say of it. */
const TAMPERINGS: readonly { readonly sql: string; readonly finds: Partial<Differences> }[] = [
  ...[
    ['users', 'name'],
    ['channels', 'name'],
    ['channel_settings', 'company_name'],
    ['videos', 'title'],
    ['video_submissions', 'message'],
  ].map(([table, column]) => ({
    sql: `update video_platform.${table} set ${column} = coalesce(${column}, '') || '?' where origin = 'legacy'
      and id = (select id from video_platform.${table} where origin = 'legacy' limit 1)`,
    finds: { different: 1 },
  })),
  ...['video_submissions', 'watch_later', 'video_analytics'].map((table) => ({
    sql: `delete from video_platform.${table} where id = (select id from video_platform.${table} where origin = 'legacy' limit 1)`,
    finds: { missing: 1 },
  })),
  ...['user', 'video', 'watch_later'].map((entity) => ({
    sql: `delete from video_platform.migration_status where (entity_type, legacy_id) in (
      select entity_type, legacy_id from video_platform.migration_status where entity_type = '${entity}' and status = 'completed' limit 1)`,
    finds: { extra: 1 },
  })),
];

/** Verification must find what was changed behind the engine's back, and nothing else. */
export async function probeTampering(world: World, random: Random, verify: Verify): Promise<readonly Violation[]> {
  const { sql, finds } = random.pick(TAMPERINGS);
  const changed = (await world.observer.query(sql)).rowCount ?? 0;
  if (changed === 0) return [];
  await verify();
  return compared('verification finds what was tampered with', { ...NONE, ...finds }, await findings(world));
}

/** After a deploy that changes a projection, verification must find every row that was copied before it. */
export async function probeDeploy(world: World, verify: Verify): Promise<readonly Violation[]> {
  const projection = compileProjection(user).replace('create view', 'create or replace view');
  const changed = projection.replace('l.name as name', `(l.name || '!')::varchar(120) as name`);
  if (changed === projection)
    throw new Error(`the projection of users has no "l.name as name" any more: adapt test/faults/probes.ts to\n${projection}`);
  const [users] = await world.rows<{ copied: number }>(
    `select count(*)::int as copied from video_platform.migration_status where entity_type = 'user' and status = 'completed'`,
  );
  await world.rows(changed);
  try {
    await world.rows(`update video_platform.schema_migration set applied_at = clock_timestamp() where name = 'compiled views'`);
    await verify();
  } finally {
    await world.rows(projection);
  }
  return compared('verification follows the projection', { ...NONE, different: users?.copied ?? 0 }, await findings(world));
}

function compared(rule: string, expected: Differences, found: Differences): readonly Violation[] {
  const [one, other] = [expected, found].map(
    ({ missing, extra, different }) => `${missing} missing, ${extra} extra, ${different} different`,
  );
  return one === other ? [] : [{ rule, detail: `expected ${one}; found ${other}` }];
}
