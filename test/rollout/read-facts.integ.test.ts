import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FlagStates, flagsDocument, INITIAL_STATES } from '../../lambdas/rollout/flags-document.ts';
import { phaseOf } from '../../lambdas/rollout/phase-order.ts';
import { openPhase } from '../../lambdas/rollout/plan-flags.ts';
import { readFacts } from '../../lambdas/rollout/read-facts.ts';
import { RolloutRequest } from '../../lambdas/rollout/request.ts';
import { emptyVideoPlatform } from '../support/database-content.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';

let database: MigrationDatabase;
beforeAll(async () => {
  database = await createMigrationDatabase();
}, 120_000);
afterAll(() => database?.close());
beforeEach(() => emptyVideoPlatform(database));

const open = (flags: FlagStates, phase: string, percent = 100) =>
  openPhase(flags, phaseOf(phase), RolloutRequest.parse({ phase, percent, testers: ['minji'] }));
const HALF = open(INITIAL_STATES, '4.1', 50);
const FIRST = open(INITIAL_STATES, '4.1');

interface PastRollout {
  /** Of November 2026; it took an hour. */
  readonly day: number;
  readonly phase?: string;
  readonly percent?: number;
  readonly status?: string;
  /** Null: it was refused before anything was planned. */
  readonly before: FlagStates | null;
}

/** When 4.1 was opened to everybody, as the gates of 4.2 see it: the day of November. */
async function openedOn(...past: readonly PastRollout[]): Promise<number | null> {
  for (const { day, phase = '4.1', percent = 100, status = 'completed', before } of past) {
    await database.query(
      `insert into video_platform.rollout_history (execution_arn, phase, percent, status, flags_before, started_at, finished_at)
       values ($1, $2, $3, $4, $5::jsonb, make_timestamptz(2026, 11, $6, 1, 0, 0, 'UTC'), make_timestamptz(2026, 11, $6, 2, 0, 0, 'UTC'))`,
      [randomUUID(), phase, percent, status, before && JSON.stringify(flagsDocument(before).values), day],
    );
  }
  const { previousPhaseAt } = await readFacts(database.db, '4.1');
  return previousPhaseAt === null ? null : new Date(previousPhaseAt).getUTCDate();
}

describe('the phase before was opened to everybody', () => {
  it('by its first rollout to 100 %, not by the one that widened it', async () => {
    expect(await openedOn({ day: 1, percent: 50, before: INITIAL_STATES }, { day: 5, before: HALF })).toBe(5);
  });

  it('then, whatever came after it for testers or a notice', async () => {
    const again = { day: 20, before: FIRST };
    const lost = { day: 21, status: 'rolled_back', before: FIRST };
    expect(await openedOn({ day: 1, before: INITIAL_STATES }, again, lost)).toBe(1);
  });

  it('only by the rollout after it was taken back, by an alarm or by hand', async () => {
    const turnedBack = { day: 1, status: 'rolled_back', before: INITIAL_STATES };
    expect(await openedOn(turnedBack, { day: 2, before: INITIAL_STATES })).toBe(2);
    const takenBackByHand = { day: 10, before: HALF };
    expect(await openedOn(takenBackByHand, { day: 20, before: FIRST })).toBe(10);
  });

  it('only by the rollout after any other has found it open to fewer', async () => {
    const finding = { day: 10, phase: '4.2', status: 'refused', before: HALF };
    expect(await openedOn({ day: 1, before: INITIAL_STATES }, finding)).toBeNull();
    expect(await openedOn({ day: 12, before: null, status: 'refused' }, { day: 15, before: HALF })).toBe(15);
  });

  it('by the rollout that published the notice, where the one that put the flags on has failed', async () => {
    expect(await openedOn({ day: 1, status: 'failed', before: INITIAL_STATES }, { day: 2, before: FIRST })).toBe(2);
  });

  it('never, where no rollout on record has', async () => {
    expect(await openedOn({ day: 1, percent: 50, before: INITIAL_STATES })).toBeNull();
    expect((await readFacts(database.db, null)).previousPhaseAt).toBeNull();
  });
});
