-- What rollouts did: one row per execution that was let begin or refused, and at most one at a time.
create table if not exists video_platform.rollout_history (
  id                uuid        primary key default gen_random_uuid(),
  execution_arn     text        not null unique, -- a retried step finds its rollout
  phase             varchar(10) not null,
  percent           int         not null default 100 check (percent between 0 and 100),
  status            varchar(20) not null default 'running' check (status in ('running', 'completed', 'refused', 'rolled_back', 'failed')),
  reason            text,                        -- why it was refused, rolled back or failed
  gates             jsonb       not null default '[]', -- [{name, value, threshold, passed, since}]
  flags_before      jsonb,
  flags_after       jsonb,
  flags_version     int,                         -- of the profile feature-flags
  deployment_number int,
  notice_version    int,                         -- of the profile notices
  started_at        timestamptz not null default now(),
  finished_at       timestamptz
);
create unique index if not exists rollout_history_one_running_idx on video_platform.rollout_history (status) where status = 'running';
create index if not exists rollout_history_started_at_idx on video_platform.rollout_history (started_at desc);
