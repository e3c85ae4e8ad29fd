-- What changed on the legacy side: one row per changed key and entity, written by triggers in the writer's own transaction and taken away by
-- catch-up. Never read by position: a row is there until the change is applied, so the order in which writers commit does not matter.
create table if not exists video_platform.change_log (
  id          bigint      generated always as identity primary key,
  entity_type varchar(50) not null,
  legacy_id   varchar(64) not null,
  changed_at  timestamptz not null default clock_timestamp(),
  xid         xid         not null default pg_current_xact_id()::xid -- of the writer: tells which snapshots cannot see the change
);
create index if not exists change_log_entity_idx on video_platform.change_log (entity_type, id);
create index if not exists change_log_key_idx on video_platform.change_log (entity_type, legacy_id);
