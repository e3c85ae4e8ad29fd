import { beforeEach, expect, it } from 'vitest';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { sumUpFunction } from '../../lambdas/migration/compile/sums.ts';
import { video } from '../../lambdas/migration/entities/video.ts';
import { insertCreator, insertLegacy, legacyCampaign } from '../support/legacy-rows.ts';
import { copyAll, open, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { catchUpNow } from './consistency.ts';

/** Whoever moves videos leaves a mark that the counts of channels are due; whoever sums up next takes it. */
const database = useMigrationDatabase();

const counts = () => database.query('select video_count::int as videos, view_count::int as views from video_platform.channels');
const marks = () => database.query('select from video_platform.sums_due_mark');

beforeEach(async () => {
  const owner = await insertCreator(database, { id: 'u' });
  await insertLegacy(database, 'campaigns', [
    legacyCampaign(owner, { id: 'a', view_count: 1 }),
    legacyCampaign(owner, { id: 'b', view_count: 2 }),
  ]);
});

it('a run that dies after its batches leaves the counts to the next catch-up', async () => {
  await copyAll(database.db, await open(database.db));
  expect([await counts(), await marks()]).toEqual([[{ videos: 0, views: 0 }], [{}]]);
  await catchUpNow(database);
  expect([await counts(), await marks()]).toEqual([[{ videos: 2, views: 3 }], []]);
});

it('counts are taken also when the settings have switched the migration off meanwhile', async () => {
  await copyAll(database.db, await open(database.db));
  await catchUp({}, { db: database.db, settings: testSettings({ settings: { enabled: false } }), timeLeftMs });
  expect(await counts()).toEqual([{ videos: 2, views: 3 }]);
});

it('a batch that commits while sums are taken is in those of the next catch-up', async () => {
  const run = await open(database.db, { dailyLimit: 3 }); // user, channel, one video
  await copyAll(database.db, run, { dailyLimit: 3 });
  const late = through(database.db, async (sql, _parameters, pass) => {
    const answer = await pass();
    if (sql.includes(sumUpFunction(video)) && (await database.query('select from video_platform.videos')).length === 1) {
      await database.query('update video_platform.migration_quota set daily_limit = 4');
      await copyAll(database.db, { ...run, entities: ['video'], remaining: 1 }, { dailyLimit: 4 });
    }
    return answer;
  });
  await catchUpNow({ db: late });
  expect([await counts(), await marks()]).toEqual([[{ videos: 1, views: 1 }], [{}]]);
  await catchUpNow(database);
  expect([await counts(), await marks()]).toEqual([[{ videos: 2, views: 3 }], []]);
});

it('a catch-up that dies between the marks and the sums leaves them to the next', async () => {
  await copyAll(database.db, await open(database.db));
  const dying = through(database.db, async (sql, _parameters, pass) => {
    if (sql.includes(sumUpFunction(video))) throw new Error('killed');
    return pass();
  });
  await expect(catchUpNow({ db: dying })).rejects.toThrow('killed');
  expect(await counts()).toEqual([{ videos: 0, views: 0 }]);
  await catchUpNow(database);
  expect(await counts()).toEqual([{ videos: 2, views: 3 }]);
  expect(await database.query('select from video_platform.sums_due')).toEqual([]);
});

it('a row that leaves the quarantine on its own is counted too', async () => {
  await database.query(`update public.campaigns set status = 'NEW' where id = 'b'`);
  await copyAll(database.db, await open(database.db));
  await catchUpNow(database);
  expect(await counts()).toEqual([{ videos: 1, views: 1 }]);
  await database.query(`alter table public.campaigns disable trigger user; update public.campaigns set status = 'ACTIVE' where id = 'b';
    alter table public.campaigns enable trigger user; update video_platform.migration_run set status = 'completed'`);
  const run = await open(database.db);
  await copyAll(database.db, run);
  expect(await marks()).toHaveLength(1);
  await catchUpNow(database);
  expect(await counts()).toEqual([{ videos: 2, views: 3 }]);
});

it('a batch of what is not summed up leaves none', async () => {
  const run = await open(database.db);
  await copyAll(database.db, { ...run, entities: ['user', 'channel'] });
  expect(await marks()).toEqual([]);
});
