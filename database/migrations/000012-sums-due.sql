-- That sums over rows have to be taken: set by the transaction that applies changes, so that it outlives whoever dies before the sums; gone once they were taken. One row.
create table if not exists video_platform.sums_due (
  only_row boolean     primary key default true check (only_row),
  since    timestamptz not null default clock_timestamp()
);
