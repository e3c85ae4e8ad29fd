import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { Alarm, type Gate, isAlarmGate, judgeGates } from './gates.ts';
import { phaseOf } from './phase-order.ts';
import { previousPhase, type ThresholdOverrides } from './phases.ts';
import { readFacts } from './read-facts.ts';
import { Rollout } from './request.ts';
import { recordGates } from './rollout-history.ts';

export const CheckGatesInput = z.object({ rollout: Rollout, alarms: z.array(Alarm) });
export type CheckGatesInput = z.output<typeof CheckGatesInput>;

export interface CheckGatesOutput {
  readonly passed: boolean;
  readonly gates: readonly Gate[];
  /** As a caught error; null when all passed. */
  readonly refusal: { readonly Error: 'GateFailedError' | 'AlarmStateError'; readonly Cause: string } | null;
}

export interface CheckGatesDependencies {
  readonly db: DataApi;
  readonly thresholds: ThresholdOverrides;
  readonly alarmNames: readonly string[];
  readonly now: () => Date;
}

/** Judges every gate, those after a failed one too, and keeps what was found. Changes nothing else, so that a repeated call is another look. */
export async function checkGates(
  { rollout, alarms }: CheckGatesInput,
  { db, thresholds, alarmNames, now }: CheckGatesDependencies,
): Promise<CheckGatesOutput> {
  const phase = phaseOf(rollout.phase);
  const previous = previousPhase(phase.id);
  const facts = await readFacts(db, previous?.id ?? null);
  const gates = judgeGates({ ...phase.gates, ...thresholds }, facts, {
    alarms,
    expectedAlarms: alarmNames,
    now: now(),
    hasPrevious: previous !== undefined,
  });
  if (rollout.id !== null) await recordGates(db, rollout.id, gates);
  const failed = gates.filter(({ passed }) => !passed);
  return { passed: failed.length === 0, gates, refusal: failed.length === 0 ? null : refusalOf(phase.id, failed) };
}

/** An alarm is named first: it tells of users, the others of preparation. */
function refusalOf(phase: string, failed: readonly Gate[]): NonNullable<CheckGatesOutput['refusal']> {
  const found = failed.map(({ name, value, threshold }) => `${name} is ${value ?? 'unknown'}, threshold ${threshold}`).join('; ');
  const gates = failed.length === 1 ? 'a gate is' : `${failed.length} gates are`;
  return {
    Error: failed.some(isAlarmGate) ? 'AlarmStateError' : 'GateFailedError',
    Cause: `${gates} shut before phase ${phase}: ${found}; nothing was changed. Start again when they hold`,
  };
}
