-- Who moves rows that are summed up leaves a mark here, in the same transaction: a row each, so that none waits for another. Whoever sums up next takes the marks over into
-- sums_due, in one statement: a mark that is committed later stays for the one after.
create table if not exists video_platform.sums_due_mark (
  marked_at timestamptz not null default clock_timestamp()
);
