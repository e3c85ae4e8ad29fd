import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { causeText } from './cause-text.ts';
import type { HostedProfiles } from './hosted-profiles.ts';
import { FLAGS_PROFILE } from './profile-paths.ts';
import { endRollout, type RolloutEnd, readEnd, readOpened } from './rollout-history.ts';
import { type RolloutMessage, rolloutMessage } from './rollout-message.ts';

/** A deployment as Step Functions was told of it. */
const Deployment = z.looseObject({
  number: z.number().int(),
  state: z.string(),
  /** Newest first. */
  events: z
    .array(z.looseObject({ EventType: z.string().optional(), TriggeredBy: z.string().optional(), Description: z.string().optional() }))
    .default([]),
});

export const CloseRolloutInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  /** The execution's, as far as it came. */
  state: z.looseObject({
    deployment: Deployment.optional(),
    /** What a failed step left behind; absent when all went well. */
    error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional(),
  }),
});
export type CloseRolloutInput = z.output<typeof CloseRolloutInput>;

export interface CloseRolloutOutput {
  /** Null: this execution has no rollout on record, as with a dry run or an input that cannot be read. */
  readonly status: RolloutEnd | null;
  /** How the execution is to end. */
  readonly error: string;
  readonly cause: string;
  /** To whom: people who follow the rollout, or those who are called at night. Null: to nobody. */
  readonly tell: 'rollout' | 'hotline' | null;
  readonly message: RolloutMessage;
}

/**
 * Ends the execution's rollout on record, and takes back its deployment when that is still under way: nothing stays half-deployed. Safe to
 * repeat: the first end counts.
 */
export async function closeRollout(
  { executionArn, state: { deployment, error } }: CloseRolloutInput,
  { db, hosted }: { readonly db: DataApi; readonly hosted: HostedProfiles },
): Promise<CloseRolloutOutput> {
  const failure = error && describe(error, deployment);
  const opened = await readOpened(db, executionArn);
  if (opened !== undefined) {
    const back = failure === undefined ? undefined : await hosted.stop(opened.id);
    await endRollout(db, opened.id, {
      status: back?.profile === FLAGS_PROFILE ? 'rolled_back' : (failure?.status ?? 'completed'),
      reason: failure === undefined ? null : `${failure.error}: ${failure.cause}`,
      deploymentNumber: back?.number ?? deployment?.number ?? null,
    });
  }
  const end = await readEnd(db, executionArn);
  return {
    status: end?.status ?? null,
    error: failure?.error ?? '',
    cause: failure?.cause ?? '',
    tell: end === undefined ? null : end.status === 'failed' || end.status === 'rolled_back' ? 'hotline' : 'rollout',
    message: rolloutMessage(end ?? { phase: '', percent: 0, status: 'refused', reason: failure?.cause ?? null, executionArn }),
  };
}

/** Named by the rules: nothing was changed, as long as no flags were deployed. */
const REFUSALS = [
  'UnknownPhaseError',
  'SkippedPhaseError',
  'PhaseAlreadyOnError',
  'RolloutInProgressError',
  'GateFailedError',
  'AlarmStateError',
  'FlagsRefusedError',
  'VersionConflictError',
  'InvalidInputError',
];

function describe(
  { Error: error, Cause }: { Error: string; Cause?: string | undefined },
  deployment: z.output<typeof Deployment> | undefined,
): { readonly status: RolloutEnd; readonly error: string; readonly cause: string } {
  if (error === 'RolledBackError') return { status: 'rolled_back', error, cause: rollbackCause(deployment) };
  const isRefusal = deployment === undefined && REFUSALS.includes(error);
  return { status: isRefusal ? 'refused' : 'failed', error, cause: causeText(Cause) };
}

function rollbackCause(deployment: z.output<typeof Deployment> | undefined): string {
  const event = deployment?.events.find(({ EventType }) => EventType === 'ROLLBACK_STARTED' || EventType === 'REVERT_COMPLETED');
  const by = event?.TriggeredBy === 'CLOUDWATCH_ALARM' ? 'by an alarm' : `by ${event?.TriggeredBy ?? 'somebody'}`;
  const what = `deployment ${deployment?.number ?? '?'} was rolled back ${by}: ${event?.Description ?? 'no event says why'}`;
  return `${what}. The flags are as they were and the notice is the old one; see the alarm, then start the phase again`;
}
