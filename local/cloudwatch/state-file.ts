import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import type { AlarmState } from './alarm.ts';

export interface AlarmStatus {
  readonly state: AlarmState;
  readonly reason: string;
  readonly reasonData?: string | undefined;
  readonly actionsEnabled: boolean;
  /** Epoch milliseconds: of the last evaluation that said something else, and of the last change of state. */
  readonly updatedAtMs: number;
  readonly transitionedAtMs: number;
  /** Set by hand: until then no evaluation changes it. */
  readonly heldUntilMs?: number | undefined;
  /** Whether it has been evaluated or set since the alarm was made. */
  readonly checked: boolean;
}

export interface HistoryItem {
  readonly alarmName: string;
  readonly alarmType: 'MetricAlarm' | 'CompositeAlarm';
  readonly atMs: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  /** JSON. */
  readonly data: string;
}

/** What outlives a restart; everything else is in the template. */
export interface KeptAlarms {
  /** By name. */
  readonly alarms: Record<string, AlarmStatus>;
  /** Oldest first. */
  readonly history: HistoryItem[];
}

/** @throws {UserError} when the file is there and cannot be read */
export function readKept(file: string | undefined): KeptAlarms {
  if (file === undefined) return { alarms: {}, history: [] };
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { alarms: {}, history: [] };
    throw error;
  }
  try {
    return JSON.parse(content) as KeptAlarms;
  } catch (cause) {
    throw new UserError(`${file} does not hold the alarms' states as JSON; remove the file to go on without them`, { cause });
  }
}

/** Replaces the file as a whole, so that a stop in between leaves the old one. */
export function writeKept(file: string | undefined, kept: KeptAlarms): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  const half = `${file}.tmp`;
  writeFileSync(half, JSON.stringify(kept));
  renameSync(half, file);
}
