import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { closeRun } from '../../lambdas/migration/close-run.ts';
import { openRun } from '../../lambdas/migration/open-run.ts';
import { readReport } from '../../lambdas/operations/read-report.ts';
import { startRepair } from '../../lambdas/operations/start-repair.ts';
import { startS3 } from '../s3/local-s3.ts';
import { insertCreator } from '../support/legacy-rows.ts';
import { NOW, open, testSettings } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const BUCKET = 'reports';
const database = useMigrationDatabase();

describe('the report of a run', () => {
  const startBucket = async () => (await startS3({ buckets: [{ name: BUCKET, eventBridge: false }] })).client;
  const read = (s3: S3Client, run: string) => readReport({ db: database.db, s3, reportBucket: BUCKET }, { run });

  /** A run that was opened and closed; gives its id. */
  async function closedRun(s3: S3Client): Promise<string> {
    const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${randomUUID()}`;
    const dependencies = { db: database.db, settings: testSettings(), isRunning: async () => false, now: NOW };
    const { runId } = await openRun({ executionArn, request: {} }, dependencies);
    await closeRun({ executionArn }, { db: database.db, s3, reportBucket: BUCKET, announce: async () => {} });
    return runId;
  }

  it('is the page that was written when the run was closed', async () => {
    const s3 = await startBucket();
    await insertCreator(database);
    const runId = await closedRun(s3);
    const page = await read(s3, runId);
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain(runId);
  });

  it('is refused by name when there is no such run, when it is still at work, and when the page is gone', async () => {
    const s3 = await startBucket();
    await expect(read(s3, randomUUID())).rejects.toMatchObject({ statusCode: 404, message: expect.stringContaining('no such run') });
    const runId = await closedRun(s3);
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `daily-migration/2026-11-23/${runId}.html` }));
    await expect(read(s3, runId)).rejects.toMatchObject({ statusCode: 404, message: expect.stringContaining('no longer kept') });
    const { runId: atWork } = await open(database.db);
    await expect(read(s3, atWork)).rejects.toMatchObject({ statusCode: 404, message: expect.stringContaining('has no report') });
  });
});

describe('a repair', () => {
  const stateMachineArn = 'arn:aws:states:ap-northeast-2:123456789012:stateMachine:videopick-dev-daily-migration';
  const sfn = mockClient(new SFNClient({ region: 'ap-northeast-2' }));
  const start = () =>
    startRepair({
      db: database.db,
      sfn: sfn as unknown as SFNClient,
      stateMachineArn,
      now: () => new Date('2026-11-23T03:04:05Z'),
    });
  beforeEach(() => {
    sfn.reset();
    sfn.on(StartExecutionCommand).resolves({});
  });

  it('starts the daily migration with repair, under the name of the minute', async () => {
    expect(await start()).toEqual({ execution: 'repair-20261123T0304' });
    expect(sfn.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { stateMachineArn, name: 'repair-20261123T0304', input: '{"repair":true}' },
    ]);
  });

  it('is refused while a run is at work, and starts nothing', async () => {
    await open(database.db);
    await expect(start()).rejects.toMatchObject({ statusCode: 409, message: expect.stringContaining('a run is at work') });
    expect(sfn.calls()).toHaveLength(0);
  });

  it('says when this minute’s has ended already, and lets other errors through', async () => {
    sfn.on(StartExecutionCommand).rejectsOnce(new ExecutionAlreadyExists({ message: 'exists', $metadata: {} }));
    await expect(start()).rejects.toMatchObject({ statusCode: 409, message: expect.stringContaining('in the next') });
    sfn.on(StartExecutionCommand).rejects(new Error('no answer'));
    await expect(start()).rejects.toThrow('no answer');
  });
});
