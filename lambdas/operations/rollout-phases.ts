import { FLAG_NAMES, flagOf } from '../rollout/catalogue.ts';
import { currentPhase, phasePercent } from '../rollout/flags.ts';
import { type FlagStates, servedFlags } from '../rollout/flags-document.ts';
import { PHASES, type ThresholdOverrides } from '../rollout/phases.ts';
import type { FlagStatus, PhaseStatus } from './rollout-status.ts';

export interface PhasesNow {
  readonly current: string | null;
  readonly phases: readonly Omit<PhaseStatus, 'gates'>[];
}

/** Where each phase stands by the flags that are deployed; null: they are not known, and no phase has its turn. */
export function phasesNow(flags: FlagStates | null, thresholds: ThresholdOverrides): PhasesNow {
  const served = flags === null ? {} : servedFlags(flags);
  const open = PHASES.map(({ id }) => phasePercent(served, id));
  const next = flags === null ? -1 : open.findIndex((percent) => percent !== 100);
  const stateOf = (index: number) => (open[index] === 100 ? 'on' : index === next ? 'next' : 'later');
  return {
    current: currentPhase(served),
    phases: PHASES.map(({ id, weeks, flags: names, gates, notice }, index) => ({
      id,
      weeks,
      state: stateOf(index),
      percent: open[index] ?? null,
      flags: names,
      thresholds: { ...gates, ...thresholds },
      notice,
    })),
  };
}

/** The flags as they are deployed, in the catalogue's order. */
export function flagsNow(flags: FlagStates): readonly FlagStatus[] {
  return FLAG_NAMES.map((flag) => ({ flag, phase: flagOf(flag).phase, ...flags[flag] }));
}
