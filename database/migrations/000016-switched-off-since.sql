-- Since when each entity that the settings switch off has been off: entity → ISO 8601. Changes of other settings do not move it.
alter table video_platform.migration_settings add column if not exists off_since jsonb not null default '{}';
