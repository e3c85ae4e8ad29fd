-- What runs go by: limits that a person gave, the settings in force, and how much comes in. Small tables only: the locks are short.

-- A limit that a person gave for a date stays until a person gives another; runs of the schedule do not put the settings' in its place.
alter table video_platform.migration_quota add column if not exists by_hand boolean not null default false;

-- Legacy rows a day over the week before the run was opened; null when they could not be counted in time.
alter table video_platform.migration_run add column if not exists inflow_per_day bigint;

-- The settings as the steps last read them. One row: it outlives the functions, and the console shows it.
create table if not exists video_platform.migration_settings (
  only_row       boolean     primary key default true check (only_row),
  in_force       jsonb,       -- null: no document has fitted yet
  in_force_since timestamptz,
  disabled_since timestamptz, -- of "enabled": false
  problem        text,        -- why the deployed document cannot be used, naming its fields; null: it is the one in force
  problem_since  timestamptz
);
