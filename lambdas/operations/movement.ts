import { seoulDate } from '../migration/run-date.ts';
import { switchedOff } from '../migration/switched-off.ts';
import type { Movement, RunStatus, Status } from './status.ts';

/** A step of a run ends after 15 minutes; twice that without a sign is no pause for breath. */
const STALLED_SECONDS = 30 * 60;
/** Catch-up comes every five minutes. */
const CHANGES_WAIT_SECONDS = 15 * 60;

type Facts = Pick<Status, 'now' | 'control' | 'settings' | 'capture' | 'quota' | 'entities' | 'runs'>;

/** Answers "why is it not moving?": what holds it up first, with what was found, what it was held against, and since when. */
export function explain(facts: Facts): Movement {
  const [latest] = facts.runs;
  return (
    requested(facts, latest) ??
    (latest?.status === 'running' ? ofRunning(facts, latest) : undefined) ??
    heldBySettings(facts) ??
    (latest === undefined ? notStarted(facts) : ofEnded(facts, latest))
  );
}

function requested({ control }: Facts, latest: RunStatus | undefined): Movement | undefined {
  if (control === null) return { state: 'still', code: 'CONTROL_MISSING', reason: null, value: 0, threshold: 1, unit: 'rows', since: null };
  if (control.request === 'run') return undefined;
  const code = control.request === 'pause' ? 'PAUSE_REQUESTED' : 'CANCEL_REQUESTED';
  const atWork = latest?.status === 'running';
  return {
    state: atWork ? 'waiting' : 'still',
    code,
    reason: control.reason,
    value: control.request,
    threshold: 'run',
    unit: null,
    since: control.since,
  };
}

/** No run opens with a document that does not fit, and none copies with one that is switched off. */
function heldBySettings({ settings }: Facts): Movement | undefined {
  if (settings === null) return undefined;
  const { inForce, since, disabledSince, problem } = settings;
  const held = { state: 'still', reason: null, unit: null } as const;
  if (problem !== null)
    return { ...held, code: 'SETTINGS_REFUSED', reason: problem.text, value: 'refused', threshold: 'valid', since: problem.since };
  if (inForce?.enabled !== false) return undefined;
  return { ...held, code: 'SETTINGS_DISABLED', value: 'enabled: false', threshold: 'enabled: true', since: disabledSince ?? since };
}

function notStarted(facts: Facts): Movement {
  return { state: 'still', code: 'NOT_STARTED', reason: null, value: pendingRows(facts), threshold: null, unit: 'rows', since: null };
}

function ofEnded(facts: Facts, latest: RunStatus): Movement {
  if (latest.status === 'failed' || latest.status === 'abandoned') {
    return stopped('RUN_FAILED', latest, { value: latest.status, threshold: 'completed' });
  }
  if (latest.pause !== null && !isReleased(latest.pause))
    return ofPause(latest.status === 'cancelled' ? 'RUN_CANCELLED' : 'RUN_PAUSED', latest.pause);
  return betweenRuns(facts, latest);
}

/** Somebody asked for it, or switched it off, and has taken it back since, or something else would be said by now: nothing is wrong any more. */
function isReleased({ reason, threshold }: NonNullable<RunStatus['pause']>): boolean {
  return threshold === 'run' || reason.startsWith('DISABLED');
}

function ofRunning({ now }: Facts, run: RunStatus): Movement {
  if (run.pause !== null) return ofPause('RUN_PAUSED', run.pause);
  const quietSeconds = Math.round((Date.parse(now) - Date.parse(run.progressAt)) / 1000);
  if (quietSeconds > STALLED_SECONDS) {
    return {
      state: 'still',
      code: 'RUN_STALLED',
      reason: null,
      value: quietSeconds,
      threshold: STALLED_SECONDS,
      unit: 'seconds',
      since: run.progressAt,
    };
  }
  return {
    state: 'moving',
    code: 'RUNNING',
    reason: null,
    value: run.completed + run.quarantined,
    threshold: null,
    unit: 'rows',
    since: run.startedAt,
  };
}

function betweenRuns(facts: Facts, latest: RunStatus): Movement {
  const { now, capture, quota } = facts;
  const since = latest.finishedAt;
  if ((capture.oldestSeconds ?? 0) > CHANGES_WAIT_SECONDS) {
    return {
      state: 'still',
      code: 'CHANGES_WAITING',
      reason: null,
      value: capture.oldestSeconds,
      threshold: CHANGES_WAIT_SECONDS,
      unit: 'seconds',
      since: new Date(Date.parse(now) - (capture.oldestSeconds ?? 0) * 1000).toISOString(),
    };
  }
  const pending = pendingRows(facts);
  if (pending === 0) return { state: 'done', code: 'DONE', reason: null, value: 0, threshold: 0, unit: 'rows', since };
  const off = heldByEntities(facts);
  // Of rows that no run takes, neither what comes in nor the day's limit says anything.
  if (off?.value === pending) return off;
  const inflow = latest.inflowPerDay;
  if (quota !== null && inflow !== null && inflow >= quota.dailyLimit) {
    const [value, threshold] = [inflow, quota.dailyLimit];
    return {
      state: 'still',
      code: 'INFLOW_OUTRUNS',
      reason: null,
      value,
      threshold,
      unit: 'rows-per-day',
      since: outrunsSince(facts, quota),
    };
  }
  // Another day has a limit of its own.
  if (quota !== null && quota.completed >= quota.dailyLimit && quota.runDate >= seoulDate(new Date(now))) {
    return { state: 'waiting', code: 'QUOTA_USED', reason: null, value: quota.completed, threshold: quota.dailyLimit, unit: 'rows', since };
  }
  return off ?? { state: 'waiting', code: 'NEXT_RUN', reason: null, value: pending, threshold: null, unit: 'rows', since };
}

/** Rows that no run takes: of entities that the settings switch off, and of those that refer to them. */
function heldByEntities({ settings, entities }: Facts): Movement | undefined {
  if (settings === null || settings.inForce === null) return undefined;
  const pendingOf = (names: readonly string[]) => pendingRows({ entities: entities.filter(({ entity }) => names.includes(entity)) });
  const off = switchedOff(settings.inForce).filter(({ waiting }) => pendingOf(waiting) > 0);
  if (off.length === 0) return undefined;
  return {
    state: 'still',
    code: 'ENTITY_OFF',
    reason: `ENTITY_OFF: ${off.map(({ entity }) => entity).join(', ')}`,
    value: pendingOf(off.flatMap(({ waiting }) => waiting)),
    threshold: off.map(({ entity }) => `entities.${entity}.enabled: true`).join(', '),
    unit: 'rows',
    since: off.map(({ entity }) => settings.offSince[entity] ?? settings.since).sort()[0] ?? null,
  };
}

/** When the first of the latest runs was opened that all found more coming in than goes out. */
function outrunsSince({ runs }: Facts, { dailyLimit }: NonNullable<Facts['quota']>): string | null {
  const end = runs.findIndex(({ inflowPerDay }) => inflowPerDay === null || inflowPerDay < dailyLimit);
  return (end === -1 ? runs : runs.slice(0, end)).at(-1)?.startedAt ?? null;
}

function ofPause(code: Movement['code'], { reason, value, threshold, since }: NonNullable<RunStatus['pause']>): Movement {
  return { state: 'still', code, reason, value, threshold, unit: typeof value === 'number' ? 'rows' : null, since };
}

function stopped(code: Movement['code'], run: RunStatus, found: Pick<Movement, 'value' | 'threshold'>): Movement {
  return { state: 'still', code, reason: run.reason, ...found, unit: null, since: run.finishedAt };
}

function pendingRows({ entities }: Pick<Facts, 'entities'>): number {
  return entities.reduce((sum, { pending }) => sum + pending, 0);
}
