import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { currentPhase } from './flags.ts';
import { flagsDocument } from './flags-document.ts';
import type { HostedProfiles } from './hosted-profiles.ts';
import type { Notice, NoticesDocument } from './notices.ts';
import { phaseOf } from './phase-order.ts';
import { diffFlags, type FlagChange, openPhase } from './plan-flags.ts';
import { type Profiles, readDeployed } from './read-deployed.ts';
import { Rollout } from './request.ts';
import { recordFlags } from './rollout-history.ts';

export const PlanRolloutInput = z.object({ rollout: Rollout });
export type PlanRolloutInput = z.output<typeof PlanRolloutInput>;

/** A document to be stored after the newest version there was. */
export interface PlannedDocument {
  readonly text: string;
  readonly after: number;
}

export interface PlanRolloutOutput {
  readonly changes: readonly FlagChange[];
  readonly flags: PlannedDocument;
  /** Null: users go on reading what they read. */
  readonly notice: (PlannedDocument & { readonly notice: Notice }) | null;
}

export interface PlanRolloutDependencies {
  readonly db: DataApi;
  readonly hosted: HostedProfiles;
  readonly profiles: Profiles;
}

/** The documents that a rollout is going to deploy, and what is different in them. Stores nothing at AppConfig. @throws {FlagsRefusedError} */
export async function planRollout(
  { rollout }: PlanRolloutInput,
  { db, hosted, profiles }: PlanRolloutDependencies,
): Promise<PlanRolloutOutput> {
  const phase = phaseOf(rollout.phase);
  const [deployed, flagsAfter, noticesAfter] = await Promise.all([
    readDeployed(hosted, profiles),
    hosted.latestVersion(profiles.flags),
    hosted.latestVersion(profiles.notices),
  ]);
  const opened = openPhase(deployed.flags, phase, rollout);
  const document = flagsDocument(opened);
  if (rollout.id !== null) await recordFlags(db, rollout.id, { before: flagsDocument(deployed.flags).values, after: document.values });
  // A notice speaks to everybody, so it comes when the phase is open to everybody; one of an earlier phase, whose testers change, is over.
  const isNoticeDue = rollout.percent === 100 && currentPhase(document.values) === phase.id && deployed.noticeId !== phase.notice.id;
  const notices: NoticesDocument = { notice: phase.notice };
  return {
    changes: diffFlags(deployed.flags, opened),
    flags: { text: JSON.stringify(document), after: flagsAfter },
    notice: isNoticeDue ? { text: JSON.stringify(notices), after: noticesAfter, notice: phase.notice } : null,
  };
}
