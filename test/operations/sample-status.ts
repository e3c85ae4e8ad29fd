import { Settings } from '../../lambdas/migration/settings.ts';
import type { EntityStatus, RunStatus, SettingsStatus, Status, VideoStatus } from '../../lambdas/operations/status.ts';

export function sampleStatus(overrides: Partial<Status> = {}): Status {
  return {
    now: '2026-11-22T17:04:30.000Z',
    movement: {
      state: 'waiting',
      code: 'NEXT_RUN',
      reason: null,
      value: 5480,
      threshold: null,
      unit: 'rows',
      since: '2026-11-22T17:03:20.000Z',
    },
    control: { request: 'run', reason: null, since: '2026-11-01T00:00:00.000Z' },
    settings: sampleSettings(),
    capture: { backlog: 0, oldestSeconds: null },
    quota: { runDate: '2026-11-23', dailyLimit: 10_000, byHand: false, completed: 4490 },
    eta: { earliest: '2026-11-22T17:10:00.000Z', latest: '2026-11-27T17:04:30.000Z' },
    entities: [
      entity({ entity: 'user' }),
      entity({
        entity: 'channel',
        total: 2000,
        completed: 1500,
        failed: 20,
        pending: 480,
        percent: 76,
        timeLeftSeconds: 200,
        eta: { earliest: '2026-11-22T17:08:00.000Z', latest: '2026-11-27T17:04:30.000Z' },
      }),
      entity({
        entity: 'video',
        total: 5000,
        completed: 0,
        failed: 0,
        pending: 5000,
        percent: 0,
        rowsPerSecond: null,
        timeLeftSeconds: null,
      }),
    ],
    runs: [sampleRun({})],
    quarantine: [{ entity: 'channel', reason: 'MISSING_REFERENCE', count: 20, triedAt: '2026-11-22T17:03:00.000Z' }],
    verification: null,
    videos: [],
    ...overrides,
  };
}

export function sampleSettings(overrides: Partial<SettingsStatus> = {}): SettingsStatus {
  const inForce = Settings.parse({ dailyLimit: 10_000 });
  return { inForce, since: '2026-11-01T00:00:00.000Z', disabledSince: null, offSince: {}, problem: null, ...overrides };
}

function entity(overrides: Partial<EntityStatus>): EntityStatus {
  return {
    entity: 'user',
    total: 3000,
    completed: 2990,
    failed: 10,
    pending: 0,
    percent: 100,
    rowsPerSecond: 1234,
    timeLeftSeconds: 0,
    eta: null,
    ...overrides,
  };
}

export function sampleRun(overrides: Partial<RunStatus>): RunStatus {
  return {
    runId: '00000000-0000-4000-8000-000000000001',
    runDate: '2026-11-23',
    status: 'completed',
    reason: null,
    pause: null,
    progressAt: '2026-11-22T17:03:20.000Z',
    completed: 4490,
    quarantined: 30,
    startedAt: '2026-11-22T17:00:00.000Z',
    finishedAt: '2026-11-22T17:03:20.000Z',
    reportKey: 'daily-migration/2026-11-23/00000000.json',
    inflowPerDay: 12,
    ...overrides,
  };
}

export function sampleVideo(overrides: Partial<VideoStatus>): VideoStatus {
  const id = overrides.id ?? 'video-1';
  return {
    id,
    videoId: id,
    title: '여름 캠페인',
    status: 'ready',
    progressPercent: 0,
    url: null,
    thumbnail: null,
    preview: null,
    storyboard: null,
    durationSeconds: null,
    resolution: null,
    renditions: [],
    planned: [],
    fileSizeBytes: null,
    reason: null,
    version: '0123456789ab',
    uploadedAt: '2026-11-22T17:00:00.000Z',
    playing: null,
    estimate: null,
    actual: null,
    ...overrides,
  };
}
