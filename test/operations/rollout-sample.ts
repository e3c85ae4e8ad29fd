import type { RolloutConsole } from '../../lambdas/operations/rollout-console.ts';
import { flagsNow, phasesNow } from '../../lambdas/operations/rollout-phases.ts';
import type { DryRunReport, RolloutEntry, RolloutExecution, RolloutStatus } from '../../lambdas/operations/rollout-status.ts';
import { type FlagStates, INITIAL_STATES } from '../../lambdas/rollout/flags-document.ts';
import type { Gate } from '../../lambdas/rollout/gates.ts';
import { NOTICES } from '../../lambdas/rollout/notices.ts';
import { phaseOf } from '../../lambdas/rollout/phase-order.ts';
import { diffFlags, openPhase } from '../../lambdas/rollout/plan-flags.ts';
import { RolloutRequest } from '../../lambdas/rollout/request.ts';

const AT = '2026-11-22T17:04:30.000Z';

/** The flags with some phases opened, as `{'4.1': 100}`. */
export function openedTo(phases: Readonly<Record<string, number>>, testers?: readonly string[]): FlagStates {
  return Object.entries(phases).reduce(
    (flags, [phase, percent]) => openPhase(flags, phaseOf(phase), RolloutRequest.parse({ phase, percent, ...(testers && { testers }) })),
    INITIAL_STATES,
  );
}

export function sampleGates(overrides: Readonly<Record<string, Partial<Gate>>> = {}): readonly Gate[] {
  const gates: readonly Gate[] = [
    { name: 'verification-differences', value: 0, threshold: 0, passed: true, since: '2026-11-22T17:03:20.000Z' },
    { name: 'verification-age-hours', value: 0.02, threshold: 36, passed: true, since: '2026-11-22T17:03:20.000Z' },
    { name: 'quarantine-percent', value: 0.3, threshold: 1, passed: true, since: null },
    { name: 'catch-up-lag-seconds', value: 0, threshold: 900, passed: true, since: null },
    { name: 'previous-phase-days', value: 15, threshold: 14, passed: true, since: '2026-11-07T17:00:00.000Z' },
    { name: 'uploads-a-day', value: 12.5, threshold: 10, passed: true, since: null },
  ];
  return gates.map((gate) => ({ ...gate, ...overrides[gate.name] }));
}

export function alarmGate(name: string, value: string | null = 'OK'): Gate {
  return { name: `alarm:videopick-dev-${name}`, value, threshold: 'OK', passed: value === 'OK', since: '2026-11-20T00:00:00.000Z' };
}

/** 4.1 is on and 4.2 has its turn. */
export function sampleRollout(overrides: Partial<RolloutStatus> = {}, flags: FlagStates = openedTo({ '4.1': 100 })): RolloutStatus {
  const { current, phases } = phasesNow(flags, {});
  return {
    now: AT,
    current,
    phases: phases.map((phase) => ({
      ...phase,
      gates: phase.state === 'next' ? { at: AT, gates: sampleGates() } : phase.state === 'on' ? { at: AT, gates: sampleGates() } : null,
    })),
    flags: flagsNow(flags),
    problem: null,
    deployment: null,
    running: null,
    history: [sampleEntry({})],
    notice: NOTICES.evolution,
    ...overrides,
  };
}

export function sampleEntry(overrides: Partial<RolloutEntry>): RolloutEntry {
  return {
    execution: 'rollout-4.1-100-20261107T1700',
    phase: '4.1',
    percent: 100,
    status: 'completed',
    reason: null,
    gates: sampleGates(),
    deploymentNumber: 3,
    startedAt: '2026-11-07T16:00:00.000Z',
    finishedAt: '2026-11-07T17:00:00.000Z',
    ...overrides,
  };
}

/** What a dry run of 4.2 finds where 4.1 is on. */
export function sampleReport(overrides: Partial<DryRunReport> = {}): DryRunReport {
  const before = openedTo({ '4.1': 100 });
  const { percent = 100 } = overrides;
  return {
    phase: '4.2',
    percent,
    passed: true,
    gates: [...sampleGates(), alarmGate('rollout-api-faults')],
    refusal: null,
    changes: diffFlags(before, openedTo({ '4.1': 100, '4.2': percent })),
    notice: percent === 100 ? NOTICES.beta : null,
    ...overrides,
  };
}

export function sampleExecution(overrides: Partial<RolloutExecution> = {}): RolloutExecution {
  return { execution: 'dry-run-4.2-20261122T170430000', status: 'succeeded', report: sampleReport(), error: null, ...overrides };
}

/** A rollout that nobody operates; commands are taken. */
export function quietRollout(overrides: Partial<RolloutConsole> = {}): RolloutConsole {
  return {
    readStatus: async () => sampleRollout(),
    readExecution: async ({ name }) => sampleExecution({ execution: name }),
    start: async ({ phase, percent, dryRun }) => ({
      execution: dryRun ? `dry-run-${phase}-20261122T170430000` : `rollout-${phase}-${percent}-20261122T1704`,
    }),
    stop: async ({ execution }) => ({ execution }),
    ...overrides,
  };
}
