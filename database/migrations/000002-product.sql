-- What VideoPick serves. New tables only: takes no lock on legacy tables.
-- origin says where a row was born. A row that says nothing is claimed to come from LinkPick, and verification demands its legacy row;
-- what users create on VideoPick itself is inserted with origin 'videopick'.
-- References are checked at commit: a row and those that refer to it are removed in one transaction, whichever goes first. What is unique is
-- checked there too: handles and e-mail addresses change hands within one statement.

create table if not exists video_platform.users (
  id            varchar(30)  primary key, -- LinkPick's user id
  email         varchar(255) not null unique deferrable initially deferred,
  name          varchar(120) not null,
  user_type     varchar(20)  not null check (user_type in ('ADVERTISER', 'CREATOR', 'ADMIN')),
  status        varchar(20)  not null default 'ACTIVE',
  last_login_at timestamptz,
  created_at    timestamptz  not null default now(),
  updated_at    timestamptz  not null default now(),
  origin        varchar(20)  not null default 'legacy' check (origin in ('legacy', 'videopick'))
);

create table if not exists video_platform.channels (
  id               uuid         primary key, -- derived from the user's id: a second migration after a rollback gives the same URLs
  user_id          varchar(30)  not null unique deferrable initially deferred references video_platform.users (id) deferrable initially deferred,
  name             varchar(120) not null,
  handle           varchar(160) not null unique deferrable initially deferred,
  description      text,
  avatar_url       text,
  banner_url       text,
  subscriber_count bigint       not null default 0,
  video_count      bigint       not null default 0, -- kept by whatever writes videos: the migration refreshes what it moved
  view_count       bigint       not null default 0,
  created_at       timestamptz  not null default now(),
  updated_at       timestamptz  not null default now(),
  origin           varchar(20)  not null default 'legacy' check (origin in ('legacy', 'videopick'))
);

create table if not exists video_platform.channel_settings (
  id              varchar(30)  primary key, -- LinkPick's business profile id
  channel_id      uuid         not null unique deferrable initially deferred references video_platform.channels (id) deferrable initially deferred,
  company_name    varchar(200),
  company_intro   text,
  business_number varchar(20),
  website         text,
  created_at      timestamptz  not null default now(),
  updated_at      timestamptz  not null default now(),
  origin          varchar(20)  not null default 'legacy' check (origin in ('legacy', 'videopick'))
);

create table if not exists video_platform.videos (
  id                varchar(30)  primary key, -- LinkPick's campaign id
  channel_id        uuid         not null references video_platform.channels (id) deferrable initially deferred,
  title             varchar(255) not null,
  description       text,
  thumbnail_url     text,                     -- the campaign's picture, until the first encode publishes a poster
  view_count        bigint       not null default 0,
  status            varchar(20)  not null check (status in ('PRIVATE', 'UNLISTED', 'PUBLISHED')),
  tags              text[]       not null default '{}',
  campaign          jsonb,                    -- what a video has no column for, kept for the way back: {status, budget, startDate, endDate}
  published_at      timestamptz,
  created_at        timestamptz  not null default now(),
  updated_at        timestamptz  not null default now(),
  origin            varchar(20)  not null default 'legacy' check (origin in ('legacy', 'videopick')),
  -- written by transcoding only, never by the migration
  video_url         text,                     -- path of the multivariant playlist below the CDN
  preview_url       text,
  duration_seconds  numeric(10, 3),
  resolution        varchar(20),              -- of the tallest rendition, such as 1280x720
  file_size_bytes   bigint,                   -- of all renditions
  processing_status varchar(20) check (processing_status in ('inspecting', 'encoding', 'ready', 'failed'))
);
create index if not exists videos_channel_id_idx on video_platform.videos (channel_id);

create table if not exists video_platform.video_submissions (
  id         varchar(30) primary key, -- LinkPick's application id
  video_id   varchar(30) not null references video_platform.videos (id) deferrable initially deferred,
  user_id    varchar(30) not null references video_platform.users (id) deferrable initially deferred,
  message    text,
  status     varchar(20) not null check (status in ('PENDING', 'APPROVED', 'REJECTED', 'COMPLETED')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  origin     varchar(20) not null default 'legacy' check (origin in ('legacy', 'videopick')),
  unique (video_id, user_id) deferrable initially deferred
);
create index if not exists video_submissions_user_id_idx on video_platform.video_submissions (user_id);

create table if not exists video_platform.watch_later (
  id         varchar(30) primary key, -- LinkPick's save id
  user_id    varchar(30) not null references video_platform.users (id) deferrable initially deferred,
  video_id   varchar(30) not null references video_platform.videos (id) deferrable initially deferred,
  created_at timestamptz not null default now(),
  origin     varchar(20) not null default 'legacy' check (origin in ('legacy', 'videopick')),
  unique (user_id, video_id) deferrable initially deferred
);
create index if not exists watch_later_video_id_idx on video_platform.watch_later (video_id);

-- Views per video and day. The baseline, one row per migrated campaign, carries the views it had gathered on LinkPick.
create table if not exists video_platform.video_analytics (
  id       varchar(64) primary key, -- of the baseline: LinkPick's campaign id
  video_id varchar(30) not null references video_platform.videos (id) deferrable initially deferred,
  day      date        not null,
  views    bigint      not null default 0,
  origin   varchar(20) not null default 'legacy' check (origin in ('legacy', 'videopick')),
  unique (video_id, day, origin) deferrable initially deferred
);
