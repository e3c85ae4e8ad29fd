import { describe, expect, it } from 'vitest';
import { Settings } from '../../lambdas/migration/settings.ts';
import { explain } from '../../lambdas/operations/movement.ts';
import type { RunStatus, Status } from '../../lambdas/operations/status.ts';
import { sampleRun, sampleSettings, sampleStatus } from './sample-status.ts';

const PAUSE = { reason: 'QUARANTINE_BUDGET: user UNKNOWN_VALUE', value: 501, threshold: 500, since: '2026-11-22T17:01:00.000Z' };

function movementOf(run: Partial<RunStatus> | undefined, facts: Partial<Status> = {}) {
  return explain(sampleStatus({ runs: run === undefined ? [] : [sampleRun(run)], ...facts }));
}

const nothingPending = () => sampleStatus().entities.map((entity) => ({ ...entity, pending: 0 }));

describe('why it is not moving', () => {
  it('says an operator paused it, in whose words and since when', () => {
    const control = { request: 'pause', reason: '점검', since: '2026-11-22T17:02:00.000Z' } as const;
    expect(movementOf({}, { control })).toEqual({
      state: 'still',
      code: 'PAUSE_REQUESTED',
      reason: '점검',
      value: 'pause',
      threshold: 'run',
      unit: null,
      since: control.since,
    });
    expect(movementOf({ status: 'running', finishedAt: null }, { control })).toMatchObject({ state: 'waiting', code: 'PAUSE_REQUESTED' });
    expect(movementOf(undefined, { control })).toMatchObject({ code: 'PAUSE_REQUESTED' });
  });

  it('says a budget paused it, with the size and the limit', () => {
    const expected = {
      state: 'still',
      code: 'RUN_PAUSED',
      reason: PAUSE.reason,
      value: 501,
      threshold: 500,
      unit: 'rows',
      since: PAUSE.since,
    };
    expect(movementOf({ status: 'paused', pause: PAUSE })).toEqual(expected);
    expect(movementOf({ status: 'running', pause: PAUSE })).toEqual(expected);
  });

  it('waits for the next run once a pause was taken back', () => {
    const pause = { reason: 'REQUESTED: pause', value: 'pause', threshold: 'run', since: PAUSE.since };
    expect(movementOf({ status: 'paused', pause })).toMatchObject({ state: 'waiting', code: 'NEXT_RUN' });
    expect(movementOf({ status: 'cancelled', pause: { ...pause, value: 'cancel' } })).toMatchObject({ code: 'NEXT_RUN' });
  });

  it.each(['failed', 'abandoned'] as const)('says the latest run %s, and why', (status) => {
    const run = { status, reason: 'LeaseLostError: run 1 is no longer the running one' };
    expect(movementOf(run)).toMatchObject({
      state: 'still',
      code: 'RUN_FAILED',
      reason: run.reason,
      value: status,
      threshold: 'completed',
    });
  });

  it('says a run gives no sign', () => {
    const run = { status: 'running', finishedAt: null, progressAt: '2026-11-22T16:30:00.000Z' } as const;
    expect(movementOf(run)).toMatchObject({ state: 'still', code: 'RUN_STALLED', value: 2070, threshold: 1800, unit: 'seconds' });
    expect(movementOf({ ...run, progressAt: '2026-11-22T17:04:00.000Z' })).toMatchObject({
      state: 'moving',
      code: 'RUNNING',
      value: 4520,
    });
  });

  it('says changes are not applied', () => {
    const movement = movementOf({}, { capture: { backlog: 3, oldestSeconds: 1000 } });
    expect(movement).toMatchObject({ state: 'still', code: 'CHANGES_WAITING', value: 1000, threshold: 900, unit: 'seconds' });
    expect(movement.since).toBe('2026-11-22T16:47:50.000Z');
    expect(movementOf({}, { capture: { backlog: 3, oldestSeconds: 60 } })).toMatchObject({ code: 'NEXT_RUN' });
  });

  it('says the day is used up', () => {
    const quota = { runDate: '2026-11-23', dailyLimit: 1000, byHand: false, completed: 1000 };
    expect(movementOf({}, { quota })).toMatchObject({ state: 'waiting', code: 'QUOTA_USED', value: 1000, threshold: 1000 });
  });

  it('says so no more on another day in Seoul, which has a limit of its own', () => {
    const quota = { runDate: '2026-11-23', dailyLimit: 1000, byHand: false, completed: 1000 };
    expect(movementOf({}, { quota, now: '2026-11-23T14:59:59.000Z' })).toMatchObject({ code: 'QUOTA_USED' });
    expect(movementOf({}, { quota, now: '2026-11-23T15:00:00.000Z' })).toMatchObject({ code: 'NEXT_RUN' });
  });

  it('says more comes in than the limit lets through, since the first run that found it so', () => {
    const runs = [
      sampleRun({ inflowPerDay: 12_000, startedAt: '2026-11-22T17:00:00.000Z' }),
      sampleRun({ inflowPerDay: 10_000, startedAt: '2026-11-21T17:00:00.000Z' }),
      sampleRun({ inflowPerDay: 9_999, startedAt: '2026-11-20T17:00:00.000Z' }),
      sampleRun({ inflowPerDay: 20_000, startedAt: '2026-11-19T17:00:00.000Z' }),
    ];
    expect(explain(sampleStatus({ runs }))).toEqual({
      state: 'still',
      code: 'INFLOW_OUTRUNS',
      reason: null,
      value: 12_000,
      threshold: 10_000,
      unit: 'rows-per-day',
      since: '2026-11-21T17:00:00.000Z',
    });
    expect(explain(sampleStatus({ runs, entities: nothingPending() }))).toMatchObject({ code: 'DONE' });
    expect(movementOf({ inflowPerDay: null })).toMatchObject({ code: 'NEXT_RUN' });
  });

  it('says the deployed settings are refused, in the words that name the field, since when', () => {
    const problem = { text: 'the deployed document does not fit: dailyLimit: Too small', since: '2026-11-22T15:00:00.000Z' };
    const settings = sampleSettings({ problem });
    expect(movementOf({}, { settings })).toEqual({
      state: 'still',
      code: 'SETTINGS_REFUSED',
      reason: problem.text,
      value: 'refused',
      threshold: 'valid',
      unit: null,
      since: problem.since,
    });
    expect(movementOf(undefined, { settings })).toMatchObject({ code: 'SETTINGS_REFUSED' });
    // What is at work goes on with the last good ones.
    expect(movementOf({ status: 'running', finishedAt: null }, { settings })).toMatchObject({ code: 'RUNNING' });
  });

  it('says the settings switched it off, at once and since when; and no more once they are on', () => {
    const disabledSince = '2026-11-22T16:00:00.000Z';
    const off = sampleSettings({ inForce: Settings.parse({ enabled: false }), disabledSince });
    const expected = {
      state: 'still',
      code: 'SETTINGS_DISABLED',
      value: 'enabled: false',
      threshold: 'enabled: true',
      since: disabledSince,
    };
    expect(movementOf({}, { settings: off })).toMatchObject(expected);
    const pause = { reason: 'DISABLED: the setting "enabled" is off', value: 'false', threshold: 'true', since: disabledSince };
    expect(movementOf({ status: 'paused', pause }, { settings: off })).toMatchObject(expected);
    expect(movementOf({ status: 'paused', pause })).toMatchObject({ code: 'NEXT_RUN' });
  });

  it('says what is switched off, with the rows that no run takes for it, what lets them go and since when', () => {
    const inForce = Settings.parse({
      entities: { channel: { enabled: false }, watch_later: { enabled: false }, video: { enabled: true } },
    });
    const settings = sampleSettings({ inForce, since: '2026-11-22T15:00:00.000Z' });
    const expected = {
      state: 'still',
      code: 'ENTITY_OFF',
      reason: 'ENTITY_OFF: channel', // nobody waits for the other
      value: 5480,
      threshold: 'entities.channel.enabled: true',
      unit: 'rows',
      since: '2026-11-22T15:00:00.000Z',
    };
    expect(movementOf({}, { settings })).toEqual(expected);
    const offSince = { channel: '2026-11-20T15:00:00.000Z', watch_later: '2026-11-19T15:00:00.000Z' };
    expect(movementOf({}, { settings: { ...settings, offSince } })).toEqual({ ...expected, since: offSince.channel });
    // A higher limit, or another day, would not move them.
    const quota = { runDate: '2026-11-23', dailyLimit: 1000, byHand: false, completed: 1000 };
    expect(movementOf({ inflowPerDay: 5000 }, { settings, quota })).toEqual(expected);
    expect(movementOf({}, { settings, entities: nothingPending() })).toMatchObject({ code: 'DONE' });
    expect(movementOf({ status: 'running', finishedAt: null, progressAt: sampleStatus().now }, { settings })).toMatchObject({
      code: 'RUNNING',
    });
  });

  it('says so too while other rows go on, once the day’s limit leaves room for them', () => {
    const settings = sampleSettings({
      inForce: Settings.parse({ entities: { video: { enabled: false }, video_analytics: { enabled: false } } }),
    });
    const entities = [
      ...sampleStatus().entities,
      ...sampleStatus()
        .entities.slice(2)
        .map((entity) => ({ ...entity, entity: 'video_analytics', pending: 7 })),
    ];
    expect(movementOf({}, { settings, entities })).toMatchObject({
      code: 'ENTITY_OFF',
      reason: 'ENTITY_OFF: video, video_analytics',
      value: 5007,
      threshold: 'entities.video.enabled: true, entities.video_analytics.enabled: true',
    });
    const quota = { runDate: '2026-11-23', dailyLimit: 1000, byHand: false, completed: 1000 };
    expect(movementOf({}, { settings, entities, quota })).toMatchObject({ code: 'QUOTA_USED' });
  });

  it('says the row of requests is gone, which stops every batch', () => {
    expect(movementOf({}, { control: null })).toMatchObject({ state: 'still', code: 'CONTROL_MISSING', value: 0, threshold: 1 });
  });

  it('says when there is nothing left, or nothing has begun', () => {
    expect(movementOf({}, { entities: nothingPending() })).toMatchObject({ state: 'done', code: 'DONE' });
    expect(movementOf(undefined)).toMatchObject({ state: 'still', code: 'NOT_STARTED', value: 5480 });
  });
});
