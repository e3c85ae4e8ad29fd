import { z } from 'zod';
import type { Thresholds } from './phases.ts';

/** One thing that must hold before a phase begins, and whether it does. */
export interface Gate {
  readonly name: string;
  /** As found; null: nothing is known. */
  readonly value: number | string | null;
  readonly threshold: number | string;
  readonly passed: boolean;
  /** ISO 8601: since when it is so, where that is known. */
  readonly since: string | null;
}

/** As CloudWatch describes it, through Step Functions. */
export const Alarm = z.object({
  AlarmName: z.string(),
  StateValue: z.string(),
  StateUpdatedTimestamp: z.union([z.string(), z.number()]).optional(),
});
export type Alarm = z.output<typeof Alarm>;

/** What the database knows that gates ask about. */
export interface Facts {
  /** The last verification; null: there was none. */
  readonly verification: {
    readonly finished: boolean;
    /** Rows that differ, and checks that failed. */
    readonly faults: number;
    readonly at: string;
  } | null;
  readonly quarantined: number;
  readonly legacyRows: number;
  /** Null: no change waits. */
  readonly oldestChangeAt: string | null;
  /** When the phase before was opened to everybody; null: no rollout on record has. */
  readonly previousPhaseAt: string | null;
  readonly uploadsPerDay: number;
}

const HOUR_MS = 3_600_000;

/** Every gate of a phase, those that fail too. `alarms` are the environment's: those that AppConfig watches while it deploys. */
export function judgeGates(
  thresholds: Thresholds,
  facts: Facts,
  { alarms, expectedAlarms, now, hasPrevious }: AlarmFacts & { readonly now: Date; readonly hasPrevious: boolean },
): readonly Gate[] {
  return [
    ...verificationGates(thresholds, facts, now),
    atMost('quarantine-percent', percentOf(facts.quarantined, facts.legacyRows), thresholds.maxQuarantinePercent, null),
    atMost('catch-up-lag-seconds', ageOf(facts.oldestChangeAt, now, 1000) ?? 0, thresholds.maxLagSeconds, facts.oldestChangeAt),
    ...expectedAlarms.map((name) => alarmGate(name, alarms)),
    ...(hasPrevious
      ? [
          atLeast(
            'previous-phase-days',
            ageOf(facts.previousPhaseAt, now, 24 * HOUR_MS),
            thresholds.minPreviousPhaseDays,
            facts.previousPhaseAt,
          ),
        ]
      : []),
    atLeast('uploads-a-day', round(facts.uploadsPerDay), thresholds.minUploadsPerDay, null),
  ];
}

export interface AlarmFacts {
  readonly alarms: readonly Alarm[];
  /** By name: one that CloudWatch does not know is not quiet. */
  readonly expectedAlarms: readonly string[];
}

const ALARM_PREFIX = 'alarm:';

export function isAlarmGate({ name }: Gate): boolean {
  return name.startsWith(ALARM_PREFIX);
}

function verificationGates({ verificationMaxAgeHours }: Thresholds, { verification }: Facts, now: Date): readonly Gate[] {
  const at = verification?.at ?? null;
  const faults = verification === null ? null : verification.finished ? verification.faults : 'unfinished';
  return [
    { name: 'verification-differences', value: faults, threshold: 0, passed: faults === 0, since: at },
    atMost('verification-age-hours', ageOf(at, now, HOUR_MS), verificationMaxAgeHours, at),
  ];
}

/** INSUFFICIENT_DATA is not quiet: AppConfig would roll back by it, and nobody knows. */
function alarmGate(name: string, alarms: readonly Alarm[]): Gate {
  const alarm = alarms.find(({ AlarmName }) => AlarmName === name);
  const updated = alarm?.StateUpdatedTimestamp;
  const since = updated === undefined ? null : new Date(typeof updated === 'number' ? updated * 1000 : updated).toISOString();
  const value = alarm?.StateValue ?? null;
  return { name: `${ALARM_PREFIX}${name}`, value, threshold: 'OK', passed: value === 'OK', since };
}

function atMost(name: string, value: number | null, threshold: number, since: string | null): Gate {
  return { name, value, threshold, passed: value !== null && value <= threshold, since };
}

function atLeast(name: string, value: number | null, threshold: number, since: string | null): Gate {
  return { name, value, threshold, passed: value !== null && value >= threshold, since };
}

function ageOf(at: string | null, now: Date, unitMs: number): number | null {
  return at === null ? null : round(Math.max(0, now.getTime() - Date.parse(at)) / unitMs);
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : round((100 * part) / whole);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
