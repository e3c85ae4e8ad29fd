import { PhaseAlreadyOnError, SkippedPhaseError, UnknownPhaseError } from './errors.ts';
import { currentPhase, phasePercent } from './flags.ts';
import { type FlagStates, servedFlags } from './flags-document.ts';
import { PHASES, type Phase, previousPhase } from './phases.ts';
import type { RolloutRequest } from './request.ts';

/** @throws {UnknownPhaseError} */
export function phaseOf(id: string): Phase {
  const phase = PHASES.find((candidate) => candidate.id === id);
  if (phase === undefined)
    throw new UnknownPhaseError(
      id,
      PHASES.map((candidate) => candidate.id),
    );
  return phase;
}

/**
 * Whether the phase's turn has come: those before are open to everybody, and this one is not as far open yet. Asking again is right where the
 * list of testers differs, or where the flags are on and the notice is not: a rollout may have ended in between.
 * @throws {SkippedPhaseError} @throws {PhaseAlreadyOnError}
 */
export function checkOrder(
  phase: Phase,
  { percent, testers }: RolloutRequest,
  deployed: { readonly flags: FlagStates; readonly noticeId: string | null },
): void {
  const served = servedFlags(deployed.flags);
  for (let before = previousPhase(phase.id); before !== undefined; before = previousPhase(before.id)) {
    const open = phasePercent(served, before.id);
    if (open !== 100) throw new SkippedPhaseError(phase.id, before.id, open);
  }
  const open = phasePercent(served, phase.id);
  if (open === null || percent > open) return;
  const noticeIsOwed = open === 100 && currentPhase(served) === phase.id && deployed.noticeId !== phase.notice.id;
  const testersDiffer = testers !== undefined && phase.flags.some((flag) => !sameUsers(deployed.flags[flag].exposure?.testers, testers));
  if (percent < open || (!noticeIsOwed && !testersDiffer)) throw new PhaseAlreadyOnError(phase.id, open, percent);
}

/** As sets: a list may name somebody twice. */
function sameUsers(some: readonly string[] = [], others: readonly string[]): boolean {
  return new Set(some).size === new Set(others).size && some.every((user) => others.includes(user));
}
