import type { AppConfigClient } from '@aws-sdk/client-appconfig';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { FlagsRefusedError } from '../rollout/errors.ts';
import { type FlagStates, INITIAL_STATES, parseFlagsDocument } from '../rollout/flags-document.ts';
import { judgeGates } from '../rollout/gates.ts';
import type { HostedProfiles } from '../rollout/hosted-profiles.ts';
import { type Notice, NoticesDocument } from '../rollout/notices.ts';
import { previousPhase, type ThresholdOverrides } from '../rollout/phases.ts';
import type { Profiles } from '../rollout/read-deployed.ts';
import { readFacts } from '../rollout/read-facts.ts';
import { readDeployment } from './rollout-deployment.ts';
import { flagsNow, phasesNow } from './rollout-phases.ts';
import type { PhaseStatus, RolloutStatus } from './rollout-status.ts';
import { ROLLOUT_SQL } from './rollout-status-sql.ts';

export interface RolloutStatusDependencies {
  readonly db: DataApi;
  readonly appConfig: Pick<AppConfigClient, 'send'>;
  readonly hosted: Pick<HostedProfiles, 'deployed'>;
  readonly ids: { readonly applicationId: string; readonly environmentId: string };
  readonly profiles: Profiles;
  readonly thresholds: ThresholdOverrides;
  readonly now: () => Date;
}

interface Recorded extends Pick<RolloutStatus, 'now' | 'running' | 'history'> {
  readonly opened: Readonly<Record<string, NonNullable<PhaseStatus['gates']>>>;
}

/**
 * How far the platform is open. The gates of the next phase are judged by what judges them in a rollout, from two statements; the alarms are
 * left to a dry run, which asks CloudWatch as the rollout itself does.
 */
export async function readRolloutStatus(dependencies: RolloutStatusDependencies): Promise<RolloutStatus> {
  const { db, appConfig, hosted, ids, profiles, thresholds } = dependencies;
  const [recorded, flags, notice, deployment] = await Promise.all([
    readRecorded(db),
    deployedFlags(hosted, profiles),
    deployedNotice(hosted, profiles),
    readDeployment(appConfig, ids),
  ]);
  const { now, running, history, opened } = recorded;
  const { current, phases } = phasesNow(flags.states, thresholds);
  return {
    now,
    current,
    phases: await Promise.all(phases.map(async (phase) => ({ ...phase, gates: await gatesOf(phase, opened, dependencies) }))),
    flags: flags.states === null ? [] : flagsNow(flags.states),
    problem: flags.problem,
    deployment,
    running,
    history,
    notice,
  };
}

async function gatesOf(
  { id, state, thresholds }: Omit<PhaseStatus, 'gates'>,
  opened: Recorded['opened'],
  { db, now }: Pick<RolloutStatusDependencies, 'db' | 'now'>,
): Promise<PhaseStatus['gates']> {
  if (state === 'on') return opened[id] ?? null;
  if (state === 'later') return null;
  const previous = previousPhase(id);
  const facts = await readFacts(db, previous?.id ?? null);
  const at = now();
  const gates = judgeGates(thresholds, facts, { alarms: [], expectedAlarms: [], now: at, hasPrevious: previous !== undefined });
  return { at: at.toISOString(), gates };
}

async function readRecorded(db: DataApi): Promise<Recorded> {
  const [row] = await db.query<Row & { rollout: Recorded }>(ROLLOUT_SQL);
  if (row === undefined) throw new Error('the statement of the rollout’s status answered no row; expected one');
  return row.rollout;
}

/** A document that is not ours stops every rollout, so that it is said rather than thrown. */
async function deployedFlags(
  hosted: Pick<HostedProfiles, 'deployed'>,
  { flags }: Profiles,
): Promise<{ readonly states: FlagStates | null; readonly problem: string | null }> {
  const document = await hosted.deployed(flags);
  try {
    return { states: document === undefined ? INITIAL_STATES : parseFlagsDocument(document.text), problem: null };
  } catch (error) {
    if (error instanceof FlagsRefusedError) return { states: null, problem: `${error.name}: ${error.message}` };
    throw error;
  }
}

/** AppConfig's validator lets nothing else pass; one of an earlier version is shown as none, and is replaced. */
async function deployedNotice(hosted: Pick<HostedProfiles, 'deployed'>, { notices }: Profiles): Promise<Notice | null> {
  const document = await hosted.deployed(notices);
  return document === undefined ? null : (NoticesDocument.safeParse(JSON.parse(document.text)).data?.notice ?? null);
}
