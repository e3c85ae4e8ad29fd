import type { Movement, RunStatus, Status } from './status.ts';

/** A step of a run ends after 15 minutes; twice that without a sign is no pause for breath. */
const STALLED_SECONDS = 30 * 60;
/** Catch-up comes every five minutes. */
const CHANGES_WAIT_SECONDS = 15 * 60;

type Facts = Pick<Status, 'now' | 'control' | 'capture' | 'quota' | 'entities' | 'runs'>;

/** Answers "why is it not moving?": what holds it up first, with what was found, what it was held against, and since when. */
export function explain(facts: Facts): Movement {
  const [latest] = facts.runs;
  return requested(facts, latest) ?? (latest === undefined ? notStarted(facts) : ofRun(facts, latest));
}

function requested({ control }: Facts, latest: RunStatus | undefined): Movement | undefined {
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

function notStarted(facts: Facts): Movement {
  return { state: 'still', code: 'NOT_STARTED', reason: null, value: pendingRows(facts), threshold: null, unit: 'rows', since: null };
}

function ofRun(facts: Facts, latest: RunStatus): Movement {
  if (latest.status === 'running') return ofRunning(facts, latest);
  if (latest.status === 'failed' || latest.status === 'abandoned') {
    return stopped('RUN_FAILED', latest, { value: latest.status, threshold: 'completed' });
  }
  // Somebody asked for it and has taken it back since: nothing is wrong any more.
  const released = latest.pause?.threshold === 'run' && facts.control.request === 'run';
  if (latest.pause !== null && !released) return ofPause(latest.status === 'cancelled' ? 'RUN_CANCELLED' : 'RUN_PAUSED', latest.pause);
  return betweenRuns(facts, latest);
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
  if (quota !== null && quota.completed >= quota.dailyLimit) {
    return { state: 'waiting', code: 'QUOTA_USED', reason: null, value: quota.completed, threshold: quota.dailyLimit, unit: 'rows', since };
  }
  return { state: 'waiting', code: 'NEXT_RUN', reason: null, value: pending, threshold: null, unit: 'rows', since };
}

function ofPause(code: Movement['code'], { reason, value, threshold, since }: NonNullable<RunStatus['pause']>): Movement {
  return { state: 'still', code, reason, value, threshold, unit: typeof value === 'number' ? 'rows' : null, since };
}

function stopped(code: Movement['code'], run: RunStatus, found: Pick<Movement, 'value' | 'threshold'>): Movement {
  return { state: 'still', code, reason: run.reason, ...found, unit: null, since: run.finishedAt };
}

function pendingRows({ entities }: Facts): number {
  return entities.reduce((sum, { pending }) => sum + pending, 0);
}
