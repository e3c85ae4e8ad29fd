import type { DataApi } from '../data-api/data-api.ts';
import { logger } from '../step.ts';
import type { Pause } from './pause.ts';
import type { Settings } from './settings.ts';

/** Why nothing is to be copied although there may be rows: switched off in the settings, or asked to stop. */
export async function stopReason(db: DataApi, { enabled }: Pick<Settings, 'enabled'>, now: () => Date): Promise<Pause | null> {
  if (!enabled) {
    const [settings] = await db.query<{ since: string | null }>(
      `select ${iso('disabled_since')} as since from video_platform.migration_settings`,
    );
    const since = settings?.since ?? now().toISOString();
    return { reason: 'DISABLED: the setting "enabled" is off', value: 'false', threshold: 'true', since };
  }
  const [control] = await db.query<{ request: string; reason: string | null; since: string }>(
    `select request, reason, ${iso('since')} as since from video_platform.migration_control`,
  );
  if (control === undefined) await restoreControl(db);
  if (control === undefined || control.request === 'run') return null;
  return { reason: `REQUESTED: ${control.reason ?? control.request}`, value: control.request, threshold: 'run', since: control.since };
}

/** Without its row every batch would stop and nobody could say why. As at first: nobody asks runs to stop. */
async function restoreControl(db: DataApi): Promise<void> {
  await db.query('insert into video_platform.migration_control default values on conflict do nothing');
  logger.warn('migration_control had no row: it was made anew, asking runs to run; a pause that was in it has to be asked for again');
}

/** ISO 8601 in UTC. */
function iso(instant: string): string {
  return `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
