/**
 * Watches history from inside the database: what no look at the end can show. Triggers on the tracking tables only, in a schema of their own, so
 * that neither LinkPick's tables nor the targets behave differently.
 */
export const AUDIT = `
create schema audit;
create table audit.violation (id bigint generated always as identity, rule text not null, detail text);

-- Users as they were before the schedule: the version tells whether a writer has touched them since.
create table audit.untouched (id text not null, version xid not null);

create function audit.batch() returns trigger language plpgsql as $$
begin
  if not exists (select from video_platform.migration_run where id = new.run_id and status = 'running') then
    insert into audit.violation (rule, detail) values ('a batch commits only while its run is the running one', new.entity_type);
  end if;
  return null;
end
$$;
create trigger audit after insert on video_platform.migration_batch for each row execute function audit.batch();

create function audit.quota() returns trigger language plpgsql as $$
begin
  if new.completed > new.daily_limit and new.completed > old.completed then
    insert into audit.violation (rule, detail) values ('the quota of a date is never exceeded',
      format('%s: %s of %s', new.run_date, new.completed, new.daily_limit));
  end if;
  if new.completed < old.completed then
    insert into audit.violation (rule, detail) values ('what a date has used is never given back', new.run_date::text);
  end if;
  return null;
end
$$;
create trigger audit after update on video_platform.migration_quota for each row execute function audit.quota();

create function audit.cursor() returns trigger language plpgsql as $$
begin
  if new.last_key < old.last_key then
    insert into audit.violation (rule, detail) values ('a cursor never moves back', format('%s: %s to %s', new.entity_type, old.last_key, new.last_key));
  end if;
  return null;
end
$$;
create trigger audit after update on video_platform.migration_cursor for each row execute function audit.cursor();

create function audit.moved() returns trigger language plpgsql as $$
begin
  if new.last_key <> old.last_key and not exists (select from video_platform.migration_batch b where b.xmin = pg_current_xact_id()::xid) then
    insert into audit.violation (rule, detail) values ('a cursor moves with a batch key of its own', format('%s: to %s', new.entity_type, new.last_key));
  end if;
  return null;
end
$$;
-- Deferred: the key may be written after the cursor.
create constraint trigger moved after update on video_platform.migration_cursor deferrable initially deferred for each row execute function audit.moved();

create function audit.run() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.status <> 'running' and new.status <> old.status then
      insert into audit.violation (rule, detail) values ('a run that has ended stays ended', format('%s to %s', old.status, new.status));
    end if;
  end if;
  if (select count(*) from video_platform.migration_run where status = 'running') > 1 then
    insert into audit.violation (rule, detail) values ('only one run at a time', null);
  end if;
  return null;
end
$$;
create trigger audit after insert or update on video_platform.migration_run for each row execute function audit.run();

-- What a batch says of itself becomes quota and tally, so it is held against the rows written with it.
create table audit.copied (xid xid not null, completed int not null);
create function audit.copied() returns trigger language plpgsql as $$
begin
  if current_query() like '-- copy %' then
    insert into audit.copied select pg_current_xact_id()::xid, count(*) filter (where status = 'completed') from written;
  end if;
  return null;
end
$$;
create trigger audit after insert on video_platform.migration_status referencing new table as written for each statement execute function audit.copied();
`;
