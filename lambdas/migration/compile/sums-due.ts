/** Leaves a mark that sums are due, for each row of `source`: in the transaction that moves what is summed up, so that it outlives whoever dies before the sums. */
export function sumsDue(source = '(values (true)) moved'): string {
  return `insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from ${source}`;
}

/** Takes the marks over into `sums_due`. A row when sums are due: `since`, as text, which is another when marks have come. */
export const TAKE_SUMS_DUE = `with marks as (
  delete from video_platform.sums_due_mark returning marked_at
),
due as (
  insert into video_platform.sums_due (since) select clock_timestamp() from marks limit 1
  on conflict (only_row) do update set since = excluded.since
  returning since
)
select since::text as since from due
union all
select since::text as since from video_platform.sums_due where not exists (select from due)`;
