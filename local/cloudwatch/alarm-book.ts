import type { Alarm, AlarmChange, AlarmState } from './alarm.ts';
import { type AlarmStatus, type HistoryItem, type KeptAlarms, readKept, writeKept } from './state-file.ts';

/** Kept of all alarms together; the service keeps 30 days. */
const MAX_HISTORY = 1000;
/**
 * How long a state that was set by hand holds against evaluation: an interval of it. The service promises nothing but that the next
 * evaluation wins, which may be a second later. *(choice)*
 */
const HOLD_MS = 60_000;

export interface NewState {
  readonly state: AlarmState;
  readonly reason: string;
  readonly reasonData?: string | undefined;
}

/** The states of the alarms and how they came about. */
export class AlarmBook {
  readonly #alarms: ReadonlyMap<string, Alarm>;
  readonly #kept: KeptAlarms;
  readonly #file: string | undefined;
  readonly #now: () => number;
  readonly #onChange: (alarm: Alarm, change: AlarmChange) => void;

  constructor(
    alarms: readonly Alarm[],
    {
      stateFile,
      now,
      onChange,
    }: { stateFile: string | undefined; now: () => number; onChange: (alarm: Alarm, change: AlarmChange) => void },
  ) {
    this.#alarms = new Map(alarms.map((alarm) => [alarm.name, alarm]));
    this.#file = stateFile;
    this.#now = now;
    this.#onChange = onChange;
    this.#kept = readKept(stateFile);
    for (const name of Object.keys(this.#kept.alarms)) if (!this.#alarms.has(name)) delete this.#kept.alarms[name];
    for (const alarm of alarms) this.#kept.alarms[alarm.name] ??= this.#create(alarm);
    this.#save();
  }

  /** By name. */
  alarms(): readonly Alarm[] {
    return [...this.#alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** By name or ARN. */
  find(nameOrArn: string): Alarm | undefined {
    return this.#alarms.get(nameOrArn) ?? this.alarms().find(({ arn }) => arn === nameOrArn);
  }

  status({ name }: Alarm): AlarmStatus {
    const status = this.#kept.alarms[name];
    if (status === undefined) throw new Error(`the alarm ${name} is not in the book`);
    return status;
  }

  /** Newest first. */
  history(): readonly HistoryItem[] {
    return this.#kept.history.toReversed();
  }

  /** What an evaluation says; without effect while a state set by hand holds. */
  evaluated(alarm: Alarm, verdict: NewState | undefined): void {
    const { heldUntilMs = 0 } = this.status(alarm);
    if (this.#now() < heldUntilMs) return;
    this.#enter(alarm, verdict ?? this.status(alarm), undefined);
  }

  /** What somebody says. */
  set(alarm: Alarm, state: NewState): void {
    this.#enter(alarm, state, this.#now() + HOLD_MS);
  }

  enableActions(alarm: Alarm, actionsEnabled: boolean): void {
    this.#kept.alarms[alarm.name] = { ...this.status(alarm), actionsEnabled };
    this.#save();
  }

  /** Of actions: what was published where, or why it could not be. */
  record(alarm: Alarm, type: HistoryItem['type'], summary: string, data: unknown): void {
    const alarmType = alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';
    this.#kept.history.push({ alarmName: alarm.name, alarmType, atMs: this.#now(), type, summary, data: JSON.stringify(data) });
    this.#kept.history.splice(0, this.#kept.history.length - MAX_HISTORY);
    this.#save();
  }

  #create(alarm: Alarm): AlarmStatus {
    const atMs = this.#now();
    return {
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      actionsEnabled: alarm.properties.ActionsEnabled !== false,
      updatedAtMs: atMs,
      transitionedAtMs: atMs,
      checked: false,
    };
  }

  #enter(alarm: Alarm, { state, reason, reasonData }: NewState, heldUntilMs: number | undefined): void {
    const before = this.status(alarm);
    if (before.state === state && before.checked && heldUntilMs === before.heldUntilMs) return;
    const atMs = this.#now();
    const changed = before.state !== state;
    this.#kept.alarms[alarm.name] = {
      ...before,
      ...(changed || heldUntilMs !== undefined || !before.checked ? { state, reason, reasonData, updatedAtMs: atMs } : {}),
      transitionedAtMs: changed ? atMs : before.transitionedAtMs,
      heldUntilMs,
      checked: true,
    };
    this.#save();
    if (!changed) return;
    this.record(alarm, 'StateUpdate', `Alarm updated from ${before.state} to ${state}`, {
      version: '1.0',
      oldState: { stateValue: before.state, stateReason: before.reason },
      newState: { stateValue: state, stateReason: reason },
    });
    this.#onChange(alarm, {
      alarmName: alarm.name,
      alarmArn: alarm.arn,
      state,
      previousState: before.state,
      reason,
      reasonData,
      actionsEnabled: before.actionsEnabled,
      atMs,
    });
  }

  #save(): void {
    writeKept(this.#file, this.#kept);
  }
}
