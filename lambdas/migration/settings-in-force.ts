import type { DataApi, Row } from '../data-api/data-api.ts';
import { Settings } from './settings.ts';
import { switchedOff } from './switched-off.ts';

/** Keeps a document that fits as the one in force; whatever was wrong before it is over. */
export async function recordSettings(db: DataApi, settings: Settings): Promise<void> {
  await db.query(
    `insert into video_platform.migration_settings as s (in_force, in_force_since, disabled_since, off_since)
     values (:settings::jsonb, now(), case when not :enabled then now() end, (
       select coalesce(jsonb_object_agg(entity, to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), '{}')
       from jsonb_array_elements_text(:off::jsonb) entity))
     on conflict (only_row) do update set problem = null, problem_since = null, in_force = excluded.in_force,
       in_force_since = case when s.in_force = excluded.in_force then s.in_force_since else excluded.in_force_since end,
       disabled_since = case when not :enabled then coalesce(s.disabled_since, excluded.disabled_since) end,
       off_since = excluded.off_since || (
         select coalesce(jsonb_object_agg(entity, since), '{}') from jsonb_each(s.off_since) known (entity, since) where excluded.off_since ? entity)
     where s.in_force is distinct from excluded.in_force or s.problem is not null`,
    {
      settings: JSON.stringify(settings),
      enabled: settings.enabled,
      off: JSON.stringify(switchedOff(settings).map(({ entity }) => entity)),
    },
  );
}

/** Keeps why the deployed document cannot be used, beside the one in force. Since when counts from the first problem in a row. */
export async function recordProblem(db: DataApi, problem: string): Promise<void> {
  await db.query(
    `insert into video_platform.migration_settings as s (problem, problem_since) values (:problem, now())
     on conflict (only_row) do update set problem = excluded.problem, problem_since = coalesce(s.problem_since, excluded.problem_since)
     where s.problem is distinct from excluded.problem`,
    { problem },
  );
}

/** The last document that fitted; undefined when none has, or when this version takes it no more. */
export async function recordedSettings(db: DataApi): Promise<Settings | undefined> {
  const [row] = await db.query<Row & { in_force: unknown }>('select in_force from video_platform.migration_settings');
  return Settings.safeParse(row?.in_force).data;
}
