import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { compileCopy } from '../../lambdas/migration/compile/copy.ts';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import { insertCreator, insertLegacy, legacyApplication, legacyCampaign, legacySave } from '../support/legacy-rows.ts';
import { hold, othersWait } from '../support/locks.ts';
import { migrate, open } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

/** One batch of changes in its transaction: others who write at the same time, and calls whose answers are lost. */
const database = useMigrationDatabase();

beforeEach(async () => {
  await insertCreator(database, { id: 'biz', type: 'BUSINESS' });
  await insertCreator(database, { id: 'fan' });
  await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'cam' })]);
});

const query = <T extends Record<string, unknown>>(sql: string) => database.query<T>(sql);
const ids = async (table: string) =>
  (await query<{ id: string }>(`select id from video_platform.${table} order by id`)).map(({ id }) => id);
const quarantine = () => query('select entity_type, legacy_id, reason from video_platform.quarantine order by entity_type, legacy_id');

describe('somebody who puts a file into a video that is about to be removed', () => {
  beforeEach(async () => {
    await migrate(database.db);
    await query(`update public.campaigns set status = 'SOLD' where id = 'cam'`);
  });

  it.each([
    ['announces it', `update video_platform.videos set processing_status = 'uploaded', announced_at = now() where id = 'cam'`],
    [
      'begins to upload it',
      `insert into video_platform.upload_session (id, video_id, bucket, object_key, s3_upload_id, file_name, content_type, size_bytes, part_bytes)
       values ('${randomUUID()}', 'cam', 'b', 'temp/a/a.mp4', 's3', 'a.mp4', 'video/mp4', 1, 1)`,
    ],
  ])('and %s while catch-up is at work keeps the video', async (_what, write) => {
    await catchUpWhile(write);
    expect(await ids('videos')).toEqual(['cam']);
    expect(await quarantine()).toEqual([{ entity_type: 'video', legacy_id: 'cam', reason: 'UNKNOWN_VALUE' }]);
    await expectConsistent(database);
  });

  it('is not taken for one who only touches it', async () => {
    await catchUpWhile(`update video_platform.videos set file_size_bytes = 1 where id = 'cam'`);
    expect(await ids('videos')).toEqual([]);
    await expectConsistent(database);
  });
});

describe('calls that are all sent twice, as the SDK does when their answers are lost,', () => {
  beforeEach(async () => {
    await insertLegacy(database, 'campaign_applications', [legacyApplication('cam', 'fan', { id: 'app' })]);
    await insertLegacy(database, 'saved_campaigns', [legacySave('fan', 'cam', { id: 'save' })]);
  });

  it('wake the rows that were refused for want of one that has come', async () => {
    await query(`update public.campaigns set status = 'SOLD' where id = 'cam'`);
    await migrate(database.db);
    expect(await quarantine()).toHaveLength(4);
    await query(`update public.campaigns set status = 'ACTIVE' where id = 'cam'`);
    await catchUpTwice();
    expect(await quarantine()).toEqual([]);
    expect([await ids('videos'), await ids('video_submissions'), await ids('watch_later')]).toEqual([['cam'], ['app'], ['save']]);
    await expectConsistent(database);
  });

  it('remove the rows that refer to one that is removed', async () => {
    await migrate(database.db);
    await query(`delete from public.users where id = 'biz'`);
    await catchUpTwice();
    expect(await ids('videos')).toEqual([]);
    expect([await ids('video_submissions'), await ids('watch_later')]).toEqual([[], []]);
    expect(await quarantine()).toMatchObject([
      { entity_type: 'video', reason: 'MISSING_REFERENCE' },
      { entity_type: 'video_analytics', reason: 'MISSING_REFERENCE' },
      { entity_type: 'video_submission', reason: 'MISSING_REFERENCE' },
      { entity_type: 'watch_later', reason: 'MISSING_REFERENCE' },
    ]);
    await expectConsistent(database);
  });
});

it('a row that is copied while its change is applied is left to its copy, whatever else becomes of it', async () => {
  await migrate(database.db);
  await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'new' })]);
  await insertLegacy(database, 'saved_campaigns', [legacySave('fan', 'new', { id: 'save' })]);
  const { runId } = await open(database.db);
  const refused: unknown[] = [];
  let copied = 0;
  const db = through(database.db, async (sql, _parameters, pass) => {
    const answer = await pass().catch((error: unknown) => {
      refused.push(error);
      throw error;
    });
    if (sql.startsWith('-- known video:') && copied++ === 0) {
      await copyBatch(runId, 'video');
      await copyBatch(runId, 'watch_later');
      expect(await ids('watch_later')).toEqual(['save']);
      await query(`delete from public.campaigns where id = 'new'`);
    }
    return answer;
  });
  await catchUpNow({ db });
  expect(copied).toBeGreaterThan(0);
  expect(refused).toEqual([]);
  await catchUpNow(database);
  expect([await ids('videos'), await ids('watch_later')]).toEqual([['cam'], []]);
  await expectConsistent(database);
});

it('a refusal is noted for the change that was refused, however often that is sent, not for the one that mends it', async () => {
  await migrate(database.db);
  await query(
    `insert into video_platform.users (id, email, name, user_type, origin) values ('new', 'taken@x', 'n', 'CREATOR', 'videopick')`,
  );
  await query(`update public.users set email = 'taken@x' where id = 'fan'`);
  let noted = 0;
  const db = through(database.db, async (sql, _parameters, pass) => {
    if (!sql.startsWith('with refused as')) return pass();
    noted++;
    await query(`update public.users set email = 'free@x' where id = 'fan'`);
    await query(`insert into video_platform.change_queue (entity_type, legacy_id) values ('user', 'fan')`);
    await query('delete from video_platform.change_log');
    await pass();
    return pass();
  });
  await catchUpNow({ db });
  await catchUpNow(database);
  expect(noted).toBe(1);
  expect(await quarantine()).toEqual([]);
  expect(await query(`select email from video_platform.users where id = 'fan'`)).toEqual([{ email: 'free@x' }]);
});

it('sums that were due when a catch-up died after its last change are taken by the next one, though it applies nothing', async () => {
  await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'other', view_count: 7 })]);
  await migrate(database.db);
  await query(`delete from public.campaigns where id = 'other'`);
  const counts = () => query(`select video_count::int as videos from video_platform.channels where user_id = 'biz'`);
  const dying = through(database.db, async (_sql, _parameters, pass) => {
    if ((await query('select from video_platform.pending_change')).length === 0) throw new Error('killed');
    return pass();
  });
  await expect(catchUpNow({ db: dying })).rejects.toThrow('killed');
  expect([await counts(), await ids('videos')]).toEqual([[{ videos: 2 }], ['cam']]);
  await catchUpNow(database);
  expect(await counts()).toEqual([{ videos: 1 }]);
  expect(await query('select from video_platform.sums_due')).toEqual([]);
});

/** Catches up; `write` has begun before, and is committed once catch-up waits for its row. */
async function catchUpWhile(write: string): Promise<void> {
  const writer = await hold(database, write);
  const catchingUp = catchUpNow(database);
  await othersWait(database);
  await writer.release();
  await catchingUp;
}

async function copyBatch(runId: string, entity: string): Promise<void> {
  const copy = compileCopy(entityNamed(entity), { bounded: false, occupied: false });
  await database.db.query(copy, { run: runId, batch: randomUUID(), range: 0, limit: 100, aside: 100, only: null });
}

/** Catches up; the answer to every statement is lost once. */
async function catchUpTwice(): Promise<void> {
  const db = through(database.db, async (_sql, _parameters, pass) => {
    await pass();
    return pass();
  });
  await catchUpNow({ db });
}
