-- What changed on the legacy side: one row per write and changed key, written by triggers in the writer's own transaction. No index and no
-- sequence: this is what capture costs a legacy write.
create table if not exists video_platform.change_log (
  source     varchar(127) not null, -- legacy table and the column whose value stands here: campaigns.id
  legacy_key varchar(64)  not null,
  changed_at timestamptz  not null default clock_timestamp(),
  xid        xid          not null default pg_current_xact_id()::xid -- of the writer: tells which snapshots cannot see the change
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000); -- fills and empties: what was taken is soon to be used again

-- The change log, sorted by entity for catch-up, which moves rows here first: one row per changed key and entity. Never read by position: a row is there
-- until the change is applied, so the order in which writers commit does not matter.
create table if not exists video_platform.change_queue (
  id          bigint      generated always as identity primary key,
  entity_type varchar(50) not null,
  legacy_id   varchar(64) not null,
  changed_at  timestamptz not null default clock_timestamp(),
  xid         xid         not null default pg_current_xact_id()::xid
);
create index if not exists change_queue_entity_idx on video_platform.change_queue (entity_type, id);
create index if not exists change_queue_key_idx on video_platform.change_queue (entity_type, legacy_id);
