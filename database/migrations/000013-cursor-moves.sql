-- What a cursor has passed, and when: verification asks whether anything was passed by. Some 30 µs a batch, however many its rows.

-- Transactions before this one had ended when the statement that moved the cursor last took its snapshot: what they wrote, it saw.
alter table video_platform.migration_cursor add column if not exists seen xid;

-- One row per move, in order. No index on keys: one that is too long for the ledger is passed all the same. Moves go with their cursor when ranges are cut anew;
-- those from before this file are not on record, and nothing is said of them.
create table if not exists video_platform.migration_cursor_move (
  entity_type varchar(50) not null,
  range_no    int         not null,
  move_no     bigint      generated always as identity,
  after_key   text        not null, -- exclusive: where the cursor stood
  upto_key    text        not null, -- inclusive: where it went
  seen        xid         not null, -- as of migration_cursor
  xid         xid         not null default pg_current_xact_id()::xid, -- of the move. Differs from xmin after a logical restore, which makes xids mean nothing
  moved_at    timestamptz not null default now(),
  primary key (entity_type, range_no, move_no),
  foreign key (entity_type, range_no) references video_platform.migration_cursor (entity_type, range_no) on delete cascade
);

-- Stable, so that it sees by the snapshot of the statement that moves the cursor; by a later one it would vouch for rows that this statement did not see.
create or replace function video_platform.see_cursor_move() returns trigger language plpgsql stable as $$
begin
  new.seen := pg_snapshot_xmin(pg_current_snapshot())::xid;
  return new;
end
$$;

create or replace function video_platform.record_cursor_move() returns trigger language plpgsql as $$
begin
  insert into video_platform.migration_cursor_move (entity_type, range_no, after_key, upto_key, seen)
  values (new.entity_type, new.range_no, old.last_key, new.last_key, new.seen);
  return null;
end
$$;

drop trigger if exists migration_cursor_seen on video_platform.migration_cursor;
create trigger migration_cursor_seen before update on video_platform.migration_cursor
  for each row when (new.last_key <> old.last_key) execute function video_platform.see_cursor_move();
drop trigger if exists migration_cursor_recorded on video_platform.migration_cursor;
create trigger migration_cursor_recorded after update on video_platform.migration_cursor
  for each row when (new.last_key <> old.last_key) execute function video_platform.record_cursor_move();

-- Rows that a cursor passed although nothing kept them from being copied.
alter table video_platform.verification_run add column if not exists passed_by bigint not null default 0;
