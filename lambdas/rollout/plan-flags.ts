import type { FlagName } from './catalogue.ts';
import { FLAG_NAMES } from './catalogue.ts';
import type { FlagState, FlagStates } from './flags-document.ts';
import type { Phase } from './phases.ts';
import type { RolloutRequest } from './request.ts';

/** One flag that a rollout changes. */
export interface FlagChange {
  readonly flag: FlagName;
  readonly before: FlagState;
  readonly after: FlagState;
}

/** The flags with a phase opened to `percent`, everything else as it was. */
export function openPhase(flags: FlagStates, { flags: opened }: Phase, { percent, testers }: RolloutRequest): FlagStates {
  const changed = opened.map((name) => {
    const { exposure, ...state } = flags[name];
    return [name, { ...state, enabled: true, exposure: { percent, testers: testers ?? exposure?.testers ?? [] } }] as const;
  });
  return { ...flags, ...Object.fromEntries(changed) };
}

/** What is different, in the catalogue's order. */
export function diffFlags(before: FlagStates, after: FlagStates): readonly FlagChange[] {
  return FLAG_NAMES.filter((flag) => JSON.stringify(before[flag]) !== JSON.stringify(after[flag])).map((flag) => ({
    flag,
    before: before[flag],
    after: after[flag],
  }));
}
