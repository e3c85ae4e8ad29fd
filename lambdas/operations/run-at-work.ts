import type { DataApi, Row } from '../data-api/data-api.ts';

export async function isRunAtWork(db: DataApi): Promise<boolean> {
  const [found] = await db.query<Row & { running: boolean }>(
    `select exists (select from video_platform.migration_run where status = 'running') as running`,
  );
  return found?.running === true;
}
