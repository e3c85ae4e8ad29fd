/**
 * What `GET /api/status` answers: counts, states and titles, no personal data. Times are ISO 8601 in UTC.
 * Types only, shared by the function that reads it and the page that shows it.
 */
export interface Status {
  /** The database's clock, for ages and durations of what is still at work. */
  readonly now: string;
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
}

export interface RunStatus {
  readonly runId: string;
  /** The day in Asia/Seoul whose quota the run uses, as `2026-11-23`. */
  readonly runDate: string;
  readonly status: 'running' | 'completed' | 'failed' | 'abandoned';
  readonly reason: string | null;
  readonly completed: number;
  readonly quarantined: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly reportKey: string | null;
}

export interface QuarantineCount {
  readonly entity: string;
  /** The reason class. */
  readonly reason: string;
  readonly count: number;
}

export interface VerificationStatus {
  readonly runId: string;
  readonly runDate: string;
  /** True when every entity was verified to its end and nothing was missing, extra or different. */
  readonly clean: boolean;
  readonly entities: readonly EntityVerification[];
}

export interface EntityVerification {
  readonly entity: string;
  readonly compared: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly finished: boolean;
}

export interface VideoStatus {
  /** Names the entry: the video's id, or a digest of the upload's path when that names no video. */
  readonly id: string;
  /** Empty when the upload's path names no video. */
  readonly videoId: string;
  readonly title: string | null;
  /** Of the newest upload. An older output may play (`url`) whatever it says. */
  readonly status: 'inspecting' | 'encoding' | 'ready' | 'failed';
  /** Path of the multivariant playlist below the CDN; null until something plays. */
  readonly url: string | null;
  /** Path below the CDN. Pictures that LinkPick kept elsewhere are left out: the page loads nothing from other hosts. */
  readonly thumbnail: string | null;
  readonly durationSeconds: number | null;
  /** `1280x720` */
  readonly resolution: string | null;
  /** Tallest first. */
  readonly renditions: readonly Rendition[];
  readonly fileSizeBytes: number | null;
  /** Why the newest upload was rejected or failed. */
  readonly reason: { readonly code: string; readonly ko: string; readonly en: string } | null;
  readonly uploadedAt: string;
}

export interface Rendition {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}
