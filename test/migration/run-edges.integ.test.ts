import { randomUUID } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { closeRun } from '../../lambdas/migration/close-run.ts';
import { controlMigration } from '../../lambdas/migration/control-migration.ts';
import { user } from '../../lambdas/migration/entities/user.ts';
import { openRun } from '../../lambdas/migration/open-run.ts';
import { recordPause } from '../../lambdas/migration/pause.ts';
import { retryQuarantine } from '../../lambdas/migration/retry-quarantine.ts';
import { stopReason } from '../../lambdas/migration/stop-reason.ts';
import { insertLegacy, legacyUser } from '../support/legacy-rows.ts';
import { migrate, open, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { catchUpNow } from './consistency.ts';

/** What meets a run at its begin and at its end: midnight, a cancel that comes too late, a report that cannot be written, a row that somebody else mends. */
const database = useMigrationDatabase();

const request = () => database.query('select request from video_platform.migration_control');
const executionArn = () => `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${randomUUID()}`;

describe('opening that is tried again after midnight in Seoul', () => {
  it('goes on with the date that the run was opened for', async () => {
    await insertLegacy(database, 'users', [legacyUser()]);
    const arn = executionArn();
    const attempt = (db: DataApi, now: string) =>
      openRun({ executionArn: arn, request: {} }, { db, settings: testSettings(), isRunning: async () => true, now: () => new Date(now) });
    const dies = through(database.db, async (sql, _parameters, pass) => {
      if (sql.includes('insert into video_platform.migration_quota')) throw new Error('killed');
      return pass();
    });
    await expect(attempt(dies, '2026-11-23T14:59:58Z')).rejects.toThrow('killed');
    expect(await attempt(database.db, '2026-11-23T15:00:01Z')).toMatchObject({ runDate: '2026-11-23', continue: true });
    expect(await database.query(`select to_char(run_date, 'YYYY-MM-DD') as day from video_platform.migration_quota`)).toEqual([
      { day: '2026-11-23' },
    ]);
  });
});

describe('a cancel', () => {
  it('that came when its run had closed is not for the next one', async () => {
    await insertLegacy(database, 'users', [legacyUser()]);
    await database.query(`update video_platform.migration_control set request = 'cancel'`);
    expect(await open(database.db)).toMatchObject({ continue: true, pause: null });
    expect(await request()).toEqual([{ request: 'run' }]);
  });

  it('makes a run that had paused for something else, and still verified, end as cancelled: nothing is paused any more', async () => {
    const arn = executionArn();
    const { runId } = await openRun(
      { executionArn: arn, request: {} },
      { db: database.db, settings: testSettings(), isRunning: async () => true, now: () => new Date() },
    );
    await controlMigration({ action: 'pause', reason: '점심' }, database);
    const pause = await stopReason(database.db, { enabled: true }, () => new Date());
    if (pause === null) throw new Error('nobody asks to stop; expected the pause');
    await recordPause(database.db, runId, pause);
    await controlMigration({ action: 'cancel', reason: '그만' }, database);
    const s3 = mockClient(new S3Client({ region: 'ap-northeast-2' }));
    s3.on(PutObjectCommand).resolves({});
    const closing = { db: database.db, s3: s3 as unknown as S3Client, reportBucket: 'reports', announce: async () => {} };
    const { report } = await closeRun({ executionArn: arn }, closing);
    expect(report).toMatchObject({ status: 'cancelled', reason: 'REQUESTED: 그만', pause: { reason: 'REQUESTED: 그만', value: 'cancel' } });
    expect((await closeRun({ executionArn: arn }, closing)).report).toEqual(report); // safe to repeat
    expect(await request()).toEqual([{ request: 'run' }]);
  });

  it('ends with its run when the report cannot be written', async () => {
    const arn = executionArn();
    await openRun(
      { executionArn: arn, request: {} },
      { db: database.db, settings: testSettings(), isRunning: async () => true, now: () => new Date() },
    );
    await database.query(`update video_platform.migration_control set request = 'cancel'`);
    const s3 = mockClient(new S3Client({ region: 'ap-northeast-2' }));
    s3.on(PutObjectCommand).rejects(new Error('S3 is away'));
    const closing = closeRun(
      { executionArn: arn },
      { db: database.db, s3: s3 as unknown as S3Client, reportBucket: 'reports', announce: async () => {} },
    );
    await expect(closing).rejects.toThrow('S3 is away');
    expect(await request()).toEqual([{ request: 'run' }]);
  });
});

describe('the retry of a row that somebody else mends meanwhile', () => {
  it('notes the refusal for no other row', async () => {
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('new', 'taken@x', 'n', 'CREATOR', 'videopick')`,
    );
    await insertLegacy(database, 'users', [legacyUser({ id: 'a', email: 'taken@x' }), legacyUser({ id: 'b', type: 'ODD' })]);
    await migrate(database.db);
    await database.query(`update video_platform.migration_run set status = 'completed'`);
    const { runId } = await open(database.db);
    let alone = false;
    const db = through(database.db, (_sql, { limit }, pass) => {
      alone ||= limit === 1;
      return pass();
    });
    const { transaction } = db;
    db.transaction = (work) =>
      transaction(work).catch(async (error) => {
        // Between the refusal of the row that was tried alone and the note of it.
        if (alone) await database.query(`update public.users set email = 'free@x' where id = 'a'`);
        if (alone) await catchUpNow(database);
        throw error;
      });
    await retryQuarantine(user, runId, { db, settings: testSettings(), timeLeftMs });
    expect(alone).toBe(true);
    expect(await database.query('select legacy_id, reason, column_name from video_platform.quarantine')).toEqual([
      { legacy_id: 'b', reason: 'UNKNOWN_VALUE', column_name: 'type' },
    ]);
  });
});
