import type { AttributeValue, FlagName } from '../rollout/catalogue.ts';
import type { Gate } from '../rollout/gates.ts';
import type { Notice } from '../rollout/notices.ts';
import type { Thresholds } from '../rollout/phases.ts';
import type { FlagChange } from '../rollout/plan-flags.ts';
import type { RolloutEnd } from '../rollout/rollout-history.ts';

/**
 * What `GET /api/operations/rollout` answers. Times are ISO 8601 in UTC. Types only, shared by the function that reads it and the page that
 * shows it.
 */
export interface RolloutStatus {
  /** The database's clock, for ages of what is still at work. */
  readonly now: string;
  /** The last phase that is open to anybody; null before the first. */
  readonly current: string | null;
  /** In order. */
  readonly phases: readonly PhaseStatus[];
  /** As they are deployed, in the catalogue's order; empty while `problem` says why. */
  readonly flags: readonly FlagStatus[];
  /** Why the deployed flags cannot be read: a document that is not ours. */
  readonly problem: string | null;
  /** The deployment that keeps AppConfig's environment busy, whoever started it. */
  readonly deployment: DeploymentStatus | null;
  readonly running: RolloutEntry | null;
  /** The latest 20, newest first. */
  readonly history: readonly RolloutEntry[];
  /** What users read now. */
  readonly notice: Notice | null;
}

export interface PhaseStatus {
  readonly id: string;
  /** Of the plan: first and last. */
  readonly weeks: readonly [number, number];
  /** `on`: open to everybody. `next`: the first that is not, though some may have it. */
  readonly state: 'on' | 'next' | 'later';
  /** Per cent of users; null: off, or not known. */
  readonly percent: number | null;
  readonly flags: readonly FlagName[];
  /** What its gates are held against here. */
  readonly thresholds: Thresholds;
  /** Of the next phase, as they are now, without the alarms, which a dry run asks; of one that is on, as its last rollout found them. */
  readonly gates: { readonly at: string; readonly gates: readonly Gate[] } | null;
  /** What users read once it is open to everybody. */
  readonly notice: Notice;
}

export interface FlagStatus {
  readonly flag: FlagName;
  /** Null: a switch, for everybody at once. */
  readonly phase: string | null;
  readonly enabled: boolean;
  /** Null for a switch. */
  readonly exposure: { readonly percent: number; readonly testers: readonly string[] } | null;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface DeploymentStatus {
  readonly number: number;
  /** `feature-flags` or `notices`. */
  readonly profile: string;
  readonly state: string;
  /** Of the readers. */
  readonly percentComplete: number;
  readonly deploymentMinutes: number;
  readonly bakeMinutes: number;
  readonly startedAt: string | null;
}

export interface RolloutEntry {
  /** The execution's name. */
  readonly execution: string;
  readonly phase: string;
  readonly percent: number;
  readonly status: RolloutEnd | 'running';
  readonly reason: string | null;
  readonly gates: readonly Gate[];
  readonly deploymentNumber: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** What a dry run found: the output of its execution. */
export interface DryRunReport {
  readonly phase: string;
  readonly percent: number;
  readonly passed: boolean;
  readonly gates: readonly Gate[];
  /** Why a rollout would be refused, by name; null when its gates are open. */
  readonly refusal: { readonly Error: string; readonly Cause: string } | null;
  readonly changes: readonly FlagChange[];
  /** What users would read; null: they go on reading what they read. */
  readonly notice: Notice | null;
}

/** What `GET /api/operations/rollout/execution` answers. */
export interface RolloutExecution {
  readonly execution: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'stopped';
  /** Of a dry run that succeeded. */
  readonly report: DryRunReport | null;
  /** Of an execution that failed. */
  readonly error: { readonly name: string; readonly cause: string } | null;
}
