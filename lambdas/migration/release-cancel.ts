/** A cancel is for the run that was at work: once none is, the next one starts as usual. A pause stays. Safe to repeat. */
export const RELEASE_CANCEL = `update video_platform.migration_control set request = 'run', reason = null, since = now()
where request = 'cancel' and not exists (select from video_platform.migration_run where status = 'running')`;
