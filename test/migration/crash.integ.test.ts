import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { dailySteps } from '../support/daily-steps.ts';
import { ExecutionDiedError, type StepCall, walkDaily } from '../support/daily-walk.ts';
import { dataApi, type TestDataApi } from '../support/database.ts';
import { contentOf, emptyVideoPlatform } from '../support/database-content.ts';
import { type InterruptedClient, InterruptedError, interrupt, type Loss } from '../support/interrupted-client.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { dailyArn, testSettings } from '../support/migration.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';

let database: MigrationDatabase;
let api: TestDataApi;

beforeAll(async () => {
  database = await createMigrationDatabase();
  api = await dataApi(database);
  const early = await insertCreator(database, { name: '같은 이름' });
  await insertCreator(database, { name: '같은 이름', created_at: '2025-01-01' });
  await insertLegacy(database, 'users', [
    legacyUser({ type: '?' }),
    legacyUser({ email: 'taken@example.com' }),
    legacyUser({ type: 'ADMIN' }),
  ]);
  await insertLegacy(database, 'campaigns', [
    legacyCampaign(early),
    legacyCampaign('nobody'),
    legacyCampaign(early, { status: '?' }),
    legacyCampaign(early),
  ]);
});
afterAll(async () => {
  await api?.close();
  await database?.close();
});

/** Two days, so that a quota ends in the middle. The database refuses a row of the first: it is isolated and set aside. */
const days = [
  { runDate: '2026-11-23', dailyLimit: 5 },
  { runDate: '2026-11-24', dailyLimit: 50 },
];

async function pristine(): Promise<void> {
  await emptyVideoPlatform(database);
  await database.query(
    `insert into video_platform.users (id, email, name, user_type, origin, created_at, updated_at)
     values ('taken', 'taken@example.com', '선점', 'CREATOR', 'videopick', '2024-01-01', '2024-01-01')`,
  );
}

interface Playing {
  /** `retry`: Step Functions runs the step again. `take over`: the execution dies and another one starts for the same day. */
  readonly after: 'retry' | 'take over';
}

/** Runs daily-migration for all days. Gives how many calls were lost. */
async function play({ client }: InterruptedClient, { after }: Playing = { after: 'retry' }): Promise<number> {
  const steps = dailySteps({ db: new DataApi(client, api), settings: testSettings({ batchRows: 4 }), chunkRows: 4 });
  let losses = 0;
  const invoke = async ({ step, payload }: StepCall) => {
    try {
      return await steps[step](payload);
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      losses += 1;
      if (after === 'take over') throw new ExecutionDiedError('its worker was killed', { cause: error });
      return steps[step](payload);
    }
  };
  for (const [day, request] of days.entries()) {
    for (let attempt = 1; attempt <= 2; attempt++) {
      try {
        await walkDaily(request, { executionArn: dailyArn(`${day}-${attempt}`), invoke });
        break;
      } catch (error) {
        if (!(error instanceof ExecutionDiedError)) throw error;
      }
    }
  }
  return losses;
}

/**
 * A run that died leaves its own row and counts behind, so only what the runs achieved is the same. Whether a cursor knows that it has
 * reached the end is no achievement: the ledger decides what is pending. One run more tries what is in quarantine once more. A second run has tried the quarantine once more.
 */
function withoutRuns(content: Readonly<Record<string, readonly string[]>>) {
  const {
    migration_run: _run,
    migration_run_entity: _counts,
    verification_run: _verification,
    verification_check: _checks,
    migration_batch: _batches,
    ...achieved
  } = content;
  return Object.fromEntries(
    Object.entries(achieved).map(([table, rows]) => [
      table,
      rows
        .map((row) =>
          row
            .replace(/RUN\d+/, 'RUN')
            .replace(/"exhausted": \w+, |, "attempts": \d+/, '')
            .replace(/"attempts": \d+/, '"attempts"'),
        )
        .sort(),
    ]),
  );
}

/** Every thirtieth call, each way of losing one looking at others; `EXHAUSTIVE=1 npm test` loses every one, which takes some 20 minutes. */
const EXHAUSTIVE = process.env.EXHAUSTIVE === '1';
const STRIDE = EXHAUSTIVE ? 1 : 30;

it.each<[Loss, Playing['after'], number]>([
  ['before', 'retry', 0],
  ['after', 'retry', 10],
  ['after', 'take over', 20],
])(
  'comes to the same whichever call is lost %s it was done, and the caller is made to %s',
  { timeout: EXHAUSTIVE ? 1_800_000 : 600_000 },
  async (loss, after, first) => {
    // How rows were cut into batches is no achievement either: a step that starts again starts with a small one.
    const compared = (content: Awaited<ReturnType<typeof contentOf>>) =>
      after === 'retry' ? { ...content, migration_batch: [] } : withoutRuns(content);
    await pristine();
    const undisturbed = interrupt(api.client, Number.POSITIVE_INFINITY);
    await play(undisturbed);
    const expected = compared(await contentOf(database));
    expect(expected.users).toHaveLength(4);
    expect(expected.channels).toHaveLength(2);
    expect(expected.videos).toHaveLength(2);
    expect(expected.migration_status).toHaveLength(15); // 5 users, 2 channels, 4 videos with their baselines
    expect(undisturbed.calls()).toBeGreaterThan(40);
    for (let at = first % STRIDE; at < undisturbed.calls(); at += STRIDE) {
      await pristine();
      const interrupted = interrupt(api.client, at, loss);
      expect(await play(interrupted, { after })).toBeLessThanOrEqual(1); // a step may find out by itself what a lost call came to
      expect(compared(await contentOf(database)), `call ${at}`).toEqual(expected);
    }
  },
);
