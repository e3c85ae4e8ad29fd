-- Legacy keys are recorded whatever their length: a row whose id is too long for its table is set aside by that column, and no write on LinkPick fails because capture
-- has no room for its key. From varchar to text no table is rewritten; the ledger's partial index alone is built anew, by one look at the ledger.
-- The views that read these columns are taken away for it and made again as they were, so that no step misses them: `quarantine` and those that are compiled.
do $$
declare
  made_again text;
  definitions text[];
begin
  -- Before any table, as all that applies changes does it: they take these tables in another order, and would wait for this file as it for them.
  perform pg_advisory_xact_lock(hashtextextended('videopick.apply', 0));
  select array_agg(format('create view video_platform.%I as %s', c.relname, pg_get_viewdef(c.oid))) into definitions
  from pg_class c
  where c.relnamespace = 'video_platform'::regnamespace and c.relkind = 'v'
    and c.relname in ('quarantine', 'entity_mapping', 'pending_change', 'migration_dashboard');
  drop view if exists video_platform.quarantine, video_platform.entity_mapping, video_platform.pending_change, video_platform.migration_dashboard;

  alter table video_platform.migration_status alter column legacy_id type text, alter column new_id type text;
  alter table video_platform.change_queue alter column legacy_id type text;
  -- By hash, which takes a key of any length: a column that only refers to a row may hold what no key of a table can be.
  drop index if exists video_platform.change_queue_key_idx;
  create index change_queue_key_idx on video_platform.change_queue using hash (legacy_id);
  -- Last, and not waited for long: behind this lock LinkPick's writers would wait. A timeout undoes this file, which can be applied again.
  set local lock_timeout = '3s';
  alter table video_platform.change_log alter column legacy_key type text;

  foreach made_again in array definitions loop
    execute made_again;
  end loop;
end
$$;
