-- The schema of the new platform, in LinkPick's own database: rows move inside the database, never through a Lambda.
create schema if not exists video_platform;
