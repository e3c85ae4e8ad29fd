-- The ledger of the migration. New tables only: takes no lock on legacy tables.

-- One row per execution of daily-migration. The running one holds the lease: its batches commit only while it is 'running'.
create table if not exists video_platform.migration_run (
  id            uuid        primary key default gen_random_uuid(),
  execution_arn text        not null unique, -- a retried step finds the run it opened
  run_date      date        not null,        -- the calendar day in Asia/Seoul whose quota it uses
  status        varchar(20) not null default 'running' check (status in ('running', 'completed', 'paused', 'cancelled', 'failed', 'abandoned')),
  reason        text,                        -- why it failed or was taken over
  pause         jsonb,                       -- why it stopped early: {reason, value, threshold, since}
  report_key    text,                        -- the report object in the reports bucket
  started_at    timestamptz not null default now(),
  finished_at   timestamptz
);
create unique index if not exists migration_run_one_running_idx on video_platform.migration_run (status) where status = 'running';
create index if not exists migration_run_started_at_idx on video_platform.migration_run (started_at desc);

-- What an operator asks of runs, now and to come. One row.
create table if not exists video_platform.migration_control (
  only_row boolean     primary key default true check (only_row),
  request  varchar(10) not null default 'run' check (request in ('run', 'pause', 'cancel')),
  reason   text,
  since    timestamptz not null default now()
);
insert into video_platform.migration_control default values on conflict do nothing;

create table if not exists video_platform.migration_run_entity (
  run_id      uuid        not null references video_platform.migration_run (id),
  entity_type varchar(50) not null,
  completed   bigint      not null default 0,
  quarantined bigint      not null default 0,
  started_at  timestamptz not null default clock_timestamp(),
  updated_at  timestamptz not null default clock_timestamp(),
  primary key (run_id, entity_type)
);

-- Rows completed per calendar day, over all runs of that day.
create table if not exists video_platform.migration_quota (
  run_date    date   primary key,
  daily_limit bigint not null check (daily_limit > 0),
  completed   bigint not null default 0
);

-- Where the copy of an entity stands. Large entities are cut into key ranges that are copied side by side.
create table if not exists video_platform.migration_cursor (
  entity_type varchar(50) not null,
  range_no    int         not null default 0,
  last_key    text        not null default '', -- exclusive: the next batch starts after it
  upto_key    text,                            -- inclusive; null: to the end
  exhausted   boolean     not null default false,
  updated_at  timestamptz not null default now(),
  primary key (entity_type, range_no)
);

-- One row per committed batch. A batch that is sent again finds its key taken and changes nothing: so "did it commit?" has an answer.
create table if not exists video_platform.migration_batch (
  batch_key   uuid        primary key,
  run_id      uuid        not null references video_platform.migration_run (id),
  entity_type varchar(50) not null,
  outcome     jsonb       not null, -- what the statement answered
  created_at  timestamptz not null default now()
);
create index if not exists migration_batch_run_idx on video_platform.migration_batch (run_id);

-- A batch uses the day's quota and is added to its run's tally as it commits, not before: all ranges share these two rows, and a batch that held them while
-- its references are checked would keep the others waiting. SQLSTATE VP002: the quota has no room for the batch, which is undone.
create or replace function video_platform.count_batch() returns trigger language plpgsql as $$
declare
  copied bigint := (new.outcome ->> 'completed')::bigint;
begin
  if copied > 0 then
    update video_platform.migration_quota q set completed = q.completed + copied
    from video_platform.migration_run r
    where r.id = new.run_id and q.run_date = r.run_date and q.completed + copied <= q.daily_limit;
    if not found then
      raise exception using errcode = 'VP002', message = 'the quota of the day is used up';
    end if;
  end if;
  -- Work on the entity began with its first batch, not with that batch's end.
  insert into video_platform.migration_run_entity as e (run_id, entity_type, completed, quarantined, started_at)
  values (new.run_id, new.entity_type, copied, (new.outcome ->> 'quarantined')::bigint, new.created_at)
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined,
      started_at = least(e.started_at, excluded.started_at), updated_at = clock_timestamp();
  return null;
end
$$;
drop trigger if exists migration_batch_counts on video_platform.migration_batch;
create constraint trigger migration_batch_counts after insert on video_platform.migration_batch
  deferrable initially deferred for each row execute function video_platform.count_batch();

create table if not exists video_platform.migration_status (
  entity_type    varchar(50) not null,
  legacy_id      varchar(64) not null,
  status         varchar(20) not null check (status in ('completed', 'failed', 'reverted')),
  run_id         uuid        not null,
  new_id         varchar(64),                     -- key of the row it became, as text: the view entity_mapping reads it
  source_version xid,                             -- xmin of the legacy row that the copy compared with what it stored; null: compare the values
  metadata       jsonb,                           -- of a failed row: {class, column, value, sqlState, message, attempts}
  migrated_at    timestamptz not null default now(),
  unique (entity_type, legacy_id)
);
create index if not exists migration_status_failed_idx on video_platform.migration_status (entity_type, legacy_id) where status = 'failed';
-- Who waits for a row that has come: the retry after a reference appears.
create index if not exists migration_status_missing_idx on video_platform.migration_status (entity_type, (metadata ->> 'value'))
  where status = 'failed' and metadata ->> 'class' = 'MISSING_REFERENCE';

create table if not exists video_platform.verification_run (
  run_id      uuid        not null references video_platform.migration_run (id),
  entity_type varchar(50) not null,
  pass        int         not null default 1, -- the second follows a repair
  compared    bigint      not null default 0,
  missing     bigint      not null default 0,
  extra       bigint      not null default 0,
  different   bigint      not null default 0,
  unaccounted bigint      not null default 0,    -- ledger rows whose legacy row is gone and no pending change says so
  mismapped   bigint      not null default 0,    -- completed rows whose mapping cannot be right
  findings    jsonb       not null default '[]', -- the first of them: [{key, outcome, columns}]
  after_key   text        not null default '',   -- exclusive: the next chunk starts after it
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (run_id, entity_type, pass)
);

-- The named checks of a run's verification.
create table if not exists video_platform.verification_check (
  run_id   uuid         not null references video_platform.migration_run (id),
  name     varchar(100) not null,
  passed   boolean      not null,
  value    text         not null,
  expected text         not null,
  primary key (run_id, name)
);

create or replace view video_platform.quarantine as
select s.entity_type,
       s.legacy_id,
       s.metadata ->> 'class'    as reason,
       s.metadata ->> 'column'   as column_name,
       s.metadata ->> 'value'    as value,
       s.metadata ->> 'sqlState' as sql_state,
       s.metadata ->> 'message'  as message,
       s.run_id,
       s.migrated_at             as quarantined_at
from video_platform.migration_status s
where s.status = 'failed';

-- Refuses the row at hand as a constraint would: the batch is undone, the row found and set aside.
create or replace function video_platform.refuse_row(message text) returns varchar language plpgsql as $$
begin
  raise exception using errcode = 'unique_violation', message = message;
end
$$;

-- Ends a statement from within: what it did so far is undone. The SQLSTATE tells the caller why (VP001: fingerprints differ).
create or replace function video_platform.abort_statement(state text, message text) returns boolean language plpgsql as $$
begin
  raise exception using errcode = state, message = message;
end
$$;
