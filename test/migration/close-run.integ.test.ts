import { PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { CloseRunInput, closeRun } from '../../lambdas/migration/close-run.ts';
import { controlMigration } from '../../lambdas/migration/control-migration.ts';
import { entities } from '../../lambdas/migration/entities/index.ts';
import type { RunReport } from '../../lambdas/migration/run-report.ts';
import { parseInput } from '../../lambdas/step.ts';
import { contentOf } from '../support/database-content.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const s3 = mockClient(new S3Client({ region: 'ap-northeast-2' }));
const executionArn = 'arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:e1';
/** Notices sent. */
const notices: { runId: string; status: string; url: string }[] = [];
const database = useMigrationDatabase();

beforeEach(() => {
  notices.length = 0;
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
});

/** A run that is at work, with its rows copied: to the end, or the daily limit. */
const runUntilClose = ({ dailyLimit = 1_000, arn = executionArn, runDate = '2026-11-23' } = {}) =>
  migrate(database.db, { executionArn: arn, runDate, dailyLimit, batchRows: 3 });

const close = (error?: { Error: string; Cause?: string }, arn = executionArn) =>
  closeRun(parseInput(CloseRunInput, { executionArn: arn, error }), {
    db: database.db,
    s3: s3 as unknown as S3Client,
    reportBucket: 'reports',
    announce: async ({ runId, status }, url) => void notices.push({ runId, status, url }),
  });

const runs = () =>
  database.query(
    `select status, reason, report_key, finished_at is not null as finished from video_platform.migration_run order by started_at`,
  );

/** The report objects written, oldest first, without their pages. */
const written = (): (PutObjectCommandInput & { report: RunReport })[] =>
  s3
    .commandCalls(PutObjectCommand)
    .filter(({ args: [{ input }] }) => input.ContentType === 'application/json')
    .map(({ args: [{ input }] }) => ({ ...input, report: JSON.parse(String(input.Body)) }));

async function sample(): Promise<void> {
  const owner = await insertCreator(database);
  await insertLegacy(database, 'users', [legacyUser({ type: '?' })]);
  await insertLegacy(database, 'campaigns', [
    legacyCampaign(owner),
    legacyCampaign(owner),
    legacyCampaign(owner, { status: '?' }),
    legacyCampaign('nobody'),
    legacyCampaign('nobody'),
  ]);
}

describe('closing a run', () => {
  it('reports what the run did and how the migration stands', async () => {
    await sample();
    const runId = await runUntilClose();
    const { report, reportKey } = await close();
    expect(report).toMatchObject({
      runId,
      runDate: '2026-11-23',
      status: 'completed',
      reason: null,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      finishedAt: expect.stringMatching(/Z$/),
      completed: 6,
      quarantined: 7,
      quota: { dailyLimit: 1_000, completed: 6, remaining: 994 },
      entities: [
        entity('user', { legacyRows: 2, completed: 1, quarantined: 1, reasons: { UNKNOWN_VALUE: 1 } }),
        entity('channel', { legacyRows: 1, completed: 1, quarantined: 0, reasons: {} }),
        entity('channel_setting', { legacyRows: 0, completed: 0, quarantined: 0, reasons: {} }),
        entity('video', { legacyRows: 5, completed: 2, quarantined: 3, reasons: { UNKNOWN_VALUE: 1, MISSING_REFERENCE: 2 } }),
        entity('video_submission', { legacyRows: 0, completed: 0, quarantined: 0, reasons: {} }),
        entity('watch_later', { legacyRows: 0, completed: 0, quarantined: 0, reasons: {} }),
        entity('video_analytics', { legacyRows: 5, completed: 2, quarantined: 3, reasons: { MISSING_REFERENCE: 3 } }),
      ],
      verification: entities.map(({ name }, index) => ({
        entity: name,
        compared: [1, 1, 0, 2, 0, 0, 2][index],
        missing: 0,
        extra: 0,
        different: 0,
        findings: [],
        finished: true,
      })),
      clean: true,
    });
    expect(Date.parse(report?.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(report?.startedAt ?? ''));
    expect(written()).toMatchObject([
      { Bucket: 'reports', Key: `daily-migration/2026-11-23/${runId}.json`, ContentType: 'application/json', report },
    ]);
    expect(await runs()).toEqual([{ status: 'completed', reason: null, report_key: reportKey, finished: true }]);
    expect(notices).toEqual([{ runId, status: 'completed', url: expect.stringMatching(/^s3:\/\/reports\/.*\.html$/) }]);
  });

  function entity(name: string, row: { legacyRows: number; completed: number; quarantined: number; reasons: object }) {
    return { entity: name, ...row, pending: 0, completedNow: row.completed, quarantinedNow: row.quarantined };
  }

  it('tells what this run did from what runs before it did', async () => {
    await insertLegacy(
      database,
      'users',
      Array.from({ length: 10 }, () => legacyUser({ type: 'ADMIN' })),
    );
    await runUntilClose({ dailyLimit: 4 });
    await close();
    await runUntilClose({ dailyLimit: 4, arn: `${executionArn}2`, runDate: '2026-11-24' });
    const { report } = await close(undefined, `${executionArn}2`);
    expect(report).toMatchObject({ completed: 4, quota: { completed: 4, remaining: 0 }, runDate: '2026-11-24' });
    expect(report?.entities[0]).toMatchObject({ legacyRows: 10, completed: 8, pending: 2, completedNow: 4 });
  });

  it('is not clean when something differs or was never verified', async () => {
    await sample();
    const runId = await runUntilClose();
    expect((await close()).report?.clean).toBe(true);
    for (const change of [`different = 1`, `different = 0, missing = 1`, `missing = 0, extra = 1`, `extra = 0, finished_at = null`]) {
      await database.query(`update video_platform.verification_run set ${change} where run_id = $1 and entity_type = 'channel'`, [runId]);
      expect((await close()).report?.clean, change).toBe(false);
    }
    await database.query(`delete from video_platform.verification_run where entity_type = 'channel'`);
    expect((await close()).report?.clean).toBe(false);
  });

  it('may be repeated: the status moves once, the report is written under the same key', async () => {
    await sample();
    await runUntilClose();
    const first = await close();
    const before = await database.query('select finished_at, status, reason from video_platform.migration_run');
    expect(await close()).toEqual(first);
    expect(await close({ Error: 'Late', Cause: 'too late' })).toEqual(first);
    expect(await database.query('select finished_at, status, reason from video_platform.migration_run')).toEqual(before);
    expect(new Set(written().map(({ Key }) => Key)).size).toBe(1);
  });

  it('goes on where it was cut off: a report that could not be written is written by the next attempt', async () => {
    await runUntilClose();
    s3.on(PutObjectCommand).rejectsOnce(new Error('SlowDown')).resolves({});
    await expect(close()).rejects.toThrow('SlowDown');
    expect(await runs()).toMatchObject([{ status: 'completed', report_key: null }]);
    const { reportKey } = await close();
    expect(await runs()).toMatchObject([{ status: 'completed', report_key: reportKey }]);
  });

  it('leaves a run alone that was taken over, and reports it as that', async () => {
    await runUntilClose();
    await runUntilClose({ arn: `${executionArn}2` });
    expect((await close()).report).toMatchObject({ status: 'abandoned' });
    expect(await runs()).toMatchObject([{ status: 'abandoned' }, { status: 'running' }]);
  });

  it('releases a cancel of its run, but not that of a run which took over', async () => {
    const request = async () => (await database.query('select request from video_platform.migration_control'))[0]?.request;
    await runUntilClose();
    await runUntilClose({ arn: `${executionArn}2` });
    await controlMigration({ action: 'cancel' }, database);
    await close();
    expect(await request()).toBe('cancel');
    await close(undefined, `${executionArn}2`);
    expect(await request()).toBe('run');
  });

  it('has nothing to do when the execution never opened a run', async () => {
    await runUntilClose({ arn: `${executionArn}-other` });
    const before = await contentOf(database);
    expect(await close({ Error: 'RunInProgressError' })).toEqual({ report: null, reportKey: null });
    expect(await contentOf(database)).toEqual(before);
    expect(written()).toEqual([]);
  });
});

describe('a failed run', () => {
  it.each([
    [
      "a Lambda's error",
      {
        Error: 'LeaseLostError',
        Cause: JSON.stringify({ errorType: 'LeaseLostError', errorMessage: 'run 7 is lost', trace: ['at secret.ts'] }),
      },
      'LeaseLostError: run 7 is lost',
    ],
    ['text', { Error: 'States.Timeout', Cause: 'it took too long' }, 'States.Timeout: it took too long'],
    ['no cause', { Error: 'States.Timeout' }, 'States.Timeout: no cause given'],
    ['JSON that is no object', { Error: 'E', Cause: '"text"' }, 'E: "text"'],
    ['JSON null', { Error: 'E', Cause: 'null' }, 'E: null'],
    ['an object of another kind', { Error: 'E', Cause: '{"a":1}' }, 'E: {"a":1}'],
    ['an empty cause', { Error: 'E', Cause: '' }, 'E: '],
  ])('keeps the reason of %s', async (_kind, error, reason) => {
    const runId = await runUntilClose();
    const { report } = await close(error);
    expect(report).toMatchObject({ runId, status: 'failed', reason });
    expect(await runs()).toMatchObject([{ status: 'failed', reason, finished: true }]);
    expect(written()[0]?.report).toMatchObject({ status: 'failed', reason });
  });
});
