import type { Settings } from '../migration/settings.ts';

/**
 * What `GET /api/status` answers: counts, states and titles, no personal data. Times are ISO 8601 in UTC.
 * Types only, shared by the function that reads it and the page that shows it.
 */
export interface Status {
  /** The database's clock, for ages and durations of what is still at work. */
  readonly now: string;
  /** Whether rows move, and if not, why. */
  readonly movement: Movement;
  /** What an operator asked for last; null when its row was lost, which stops every batch. */
  readonly control: ControlStatus | null;
  /** As the steps last read them; null before the first step. */
  readonly settings: SettingsStatus | null;
  /** Changes of legacy rows that wait to be applied. */
  readonly capture: CaptureStatus;
  /** Of the latest run's day; null before the first run. */
  readonly quota: QuotaStatus | null;
  /** When the last pending row will have moved; null when none is pending. */
  readonly eta: Eta | null;
  /** In the order in which they are copied. */
  readonly entities: readonly EntityStatus[];
  /** The latest 20, newest first. */
  readonly runs: readonly RunStatus[];
  readonly quarantine: readonly QuarantineCount[];
  /** Of the latest run that verified anything. */
  readonly verification: VerificationStatus | null;
  /** The latest 100 with an upload, newest upload first. */
  readonly videos: readonly VideoStatus[];
}

export const MOVEMENT_CODES = [
  'RUNNING',
  'DONE',
  'NOT_STARTED',
  'CONTROL_MISSING',
  'PAUSE_REQUESTED',
  'CANCEL_REQUESTED',
  'SETTINGS_REFUSED',
  'SETTINGS_DISABLED',
  'RUN_STALLED',
  'RUN_PAUSED',
  'RUN_CANCELLED',
  'RUN_FAILED',
  'CHANGES_WAITING',
  'INFLOW_OUTRUNS',
  'QUOTA_USED',
  'ENTITY_OFF',
  'NEXT_RUN',
] as const;

/** The answer to "why is it not moving?". */
export interface Movement {
  /** `still` wants a look; `waiting` goes on by itself. */
  readonly state: 'moving' | 'done' | 'waiting' | 'still';
  readonly code: (typeof MOVEMENT_CODES)[number];
  /** In the words of whoever stopped it: an operator, a budget, an error. */
  readonly reason: string | null;
  /** What was found, and what it was held against. */
  readonly value: number | string | null;
  readonly threshold: number | string | null;
  readonly unit: 'rows' | 'rows-per-day' | 'seconds' | null;
  readonly since: string | null;
}

export interface ControlStatus {
  readonly request: 'run' | 'pause' | 'cancel';
  readonly reason: string | null;
  readonly since: string;
}

export interface SettingsStatus {
  /** The last document that fitted, with its defaults; null when none has yet. */
  readonly inForce: Settings | null;
  readonly since: string | null;
  /** Since when `enabled` is off; null while it is on. */
  readonly disabledSince: string | null;
  /** Since when the entities that are switched off have been; one that was before this was kept is not named. */
  readonly offSince: Readonly<Record<string, string>>;
  /** Why the deployed document cannot be used, naming its fields; null when it is the one in force. */
  readonly problem: { readonly text: string; readonly since: string } | null;
}

export interface CaptureStatus {
  /** Pending changes, on the log or queued; counted to a million. */
  readonly backlog: number;
  readonly oldestSeconds: number | null;
}

export interface QuotaStatus {
  readonly runDate: string;
  readonly dailyLimit: number;
  /** Given by a person for this date: the settings' limit does not take its place. */
  readonly byHand: boolean;
  readonly completed: number;
}

/** `earliest`: at the latest run's rate, were there no limit. `latest`: a day's limit at a time. Null where not known yet. */
export interface Eta {
  readonly earliest: string | null;
  readonly latest: string | null;
}

/** Why a run stopped before its end. */
export interface PauseStatus {
  readonly reason: string;
  readonly value: number | string;
  readonly threshold: number | string;
  readonly since: string;
}

export interface EntityStatus {
  readonly entity: string;
  readonly total: number;
  readonly completed: number;
  /** Quarantined. */
  readonly failed: number;
  readonly pending: number;
  /** Completed and failed of the total, 0 to 100. */
  readonly percent: number;
  readonly rowsPerSecond: number | null;
  readonly timeLeftSeconds: number | null;
  /** When its last pending row will have moved, and those before it; null when none is pending. */
  readonly eta: Eta | null;
}

export interface RunStatus {
  readonly runId: string;
  /** The day in Asia/Seoul whose quota the run uses, as `2026-11-23`. */
  readonly runDate: string;
  readonly status: 'running' | 'completed' | 'paused' | 'cancelled' | 'failed' | 'abandoned';
  readonly reason: string | null;
  readonly pause: PauseStatus | null;
  /** The latest sign that it does something. */
  readonly progressAt: string;
  readonly completed: number;
  readonly quarantined: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly reportKey: string | null;
  /** Legacy rows a day that came in over the week before; null when they were not counted. */
  readonly inflowPerDay: number | null;
}

export interface QuarantineCount {
  readonly entity: string;
  /** The reason class. */
  readonly reason: string;
  readonly count: number;
  /** When one of them was tried last: tells that there is news although the count is the same. */
  readonly triedAt: string;
}

export interface VerificationStatus {
  readonly runId: string;
  readonly runDate: string;
  /** True when every entity was verified to its end and nothing was missing, extra or different, and every check passed. */
  readonly clean: boolean;
  readonly entities: readonly EntityVerification[];
  readonly checks: readonly CheckStatus[];
}

export interface CheckStatus {
  readonly name: string;
  readonly passed: boolean;
  readonly value: string;
  readonly expected: string;
}

export interface EntityVerification {
  readonly entity: string;
  readonly compared: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly finished: boolean;
}

export const UPLOAD_STATES = ['uploaded', 'inspecting', 'encoding', 'checking', 'ready', 'failed', 'cancelled'] as const;

export interface VideoStatus {
  /** Names the entry: the video's id, or a digest of the upload's path when that names no video. */
  readonly id: string;
  /** Empty when the upload's path names no video. */
  readonly videoId: string;
  readonly title: string | null;
  /** Of the newest upload, null before the first. An older output may play (`url`) whatever it says. */
  readonly status: (typeof UPLOAD_STATES)[number] | null;
  /** Of the newest upload while it is encoded, 0 to 100. */
  readonly progressPercent: number;
  /** Path of the multivariant playlist below the CDN; null until something plays. */
  readonly url: string | null;
  /** Path below the CDN. Pictures that LinkPick kept elsewhere are left out: the page loads nothing from other hosts. */
  readonly thumbnail: string | null;
  /** Path below the CDN of a few silent seconds of what plays. */
  readonly preview: string | null;
  /** Path below the CDN of the WebVTT with the pictures along what plays. */
  readonly storyboard: string | null;
  readonly durationSeconds: number | null;
  /** `1280x720` */
  readonly resolution: string | null;
  /** Of what plays, tallest first. */
  readonly renditions: readonly Rendition[];
  /** What the newest upload is being encoded to, tallest first; empty before it was inspected, and once it has an outcome. */
  readonly planned: readonly Rendition[];
  readonly fileSizeBytes: number | null;
  /** Why the newest upload was rejected, failed or cancelled. */
  readonly reason: { readonly code: string; readonly ko: string; readonly en: string } | null;
  /** Names the newest upload in its folders (`encoded/<videoId>/<version>`) and its jobs' metadata; null in rows of before they were named. */
  readonly version: string | null;
  /** Null before the first upload. */
  readonly uploadedAt: string | null;
  /** The upload that plays: another than the newest while that one is at work, or when it failed. */
  readonly playing: { readonly version: string | null; readonly uploadedAt: string } | null;
  /** What the newest upload's jobs were expected to cost, and what they came to; null until known. */
  readonly estimate: JobCost | null;
  readonly actual: JobCost | null;
}

/** Of all jobs of an upload together. */
export interface JobCost {
  readonly outputMinutes: number;
  readonly costUsd: number;
}

export interface Rendition {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** As the output check measured it. */
  readonly averageBitrateBps?: number | null;
}
