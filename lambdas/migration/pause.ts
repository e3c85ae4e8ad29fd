import type { DataApi } from '../data-api/data-api.ts';

/** Why a run stops before it is done; shown on the dashboard, on the page and in the report. */
export interface Pause {
  /** `QUARANTINE_BUDGET: user UNKNOWN_VALUE`, `REQUESTED: …`, `DISABLED: …` */
  readonly reason: string;
  readonly value: number | string;
  readonly threshold: number | string;
  /** ISO 8601. */
  readonly since: string;
}

/** Notes the pause on the run as soon as it is known. The first reason stays. */
export async function recordPause(db: DataApi, runId: string, pause: Pause): Promise<void> {
  await db.query(
    `update video_platform.migration_run set pause = :pause::jsonb where id = :run::uuid and status = 'running' and pause is null`,
    { run: runId, pause: JSON.stringify(pause) },
  );
}
