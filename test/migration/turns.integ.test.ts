import { describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { applyChanges } from '../../lambdas/migration/apply-changes.ts';
import { runChecks } from '../../lambdas/migration/checks.ts';
import { sumUpFunction } from '../../lambdas/migration/compile/sums.ts';
import { video } from '../../lambdas/migration/entities/video.ts';
import { queueChanges } from '../../lambdas/migration/queue-changes.ts';
import { sumUp } from '../../lambdas/migration/sum-up.ts';
import { insertCreator, insertLegacy, legacyCampaign } from '../support/legacy-rows.ts';
import { hold, othersWait } from '../support/locks.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { catchUpNow } from './consistency.ts';

/** What several do at once: catch-up by itself, the steps of a run, LinkPick's users. */
const database = useMigrationDatabase();

/** A channel with two campaigns, copied. */
async function twoVideos(): Promise<string> {
  const owner = await insertCreator(database, { id: 'u' });
  await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { id: 'a', view_count: 1 }), legacyCampaign(owner, { id: 'b' })]);
  return migrate(database.db);
}

const counts = () => database.query('select video_count::int as videos, view_count::int as views from video_platform.channels');

describe('sums', () => {
  it('do not replace what somebody counts while they are taken: the next ones do', async () => {
    await twoVideos();
    await database.query('update video_platform.channels set video_count = 0');
    const held = await hold(database, 'update video_platform.channels set video_count = video_count + 7');
    const summing = sumUp(database.db, video);
    await othersWait(database);
    await held.release();
    await summing;
    expect(await counts()).toEqual([{ videos: 7, views: 1 }]);
    await sumUp(database.db, video);
    expect(await counts()).toEqual([{ videos: 2, views: 1 }]);
  });

  it('of somebody who looked earlier never replace those of somebody who looked later', async () => {
    await twoVideos();
    const remove = () => database.query(`delete from video_platform.videos where id = 'b'`);
    const bringBack = () =>
      database.query(
        `insert into video_platform.videos (id, channel_id, title, status, origin) select 'b', id, 't', 'PRIVATE', 'videopick' from video_platform.channels`,
      );
    const held = await hold(database, 'select from video_platform.channels for no key update');
    await database.query(`delete from video_platform.video_analytics`);
    await remove();
    const earlier = sumUp(database.db, video); // sees one video, and cannot write it yet
    await othersWait(database);
    await bringBack();
    const later = sumUp(database.db, video); // sees two, as there were
    await Promise.race([later, othersWait(database, 2)]);
    await held.release();
    await Promise.all([earlier, later]);
    expect(await counts()).toMatchObject([{ videos: 2 }]);
  });
});

describe('the check "Channel Counts Right"', () => {
  const check = async (runId: string, db: DataApi = database.db) => {
    await runChecks(db, runId, 'tables');
    return database.query(`select passed, value, expected from video_platform.verification_check where run_id = $1 and name = $2`, [
      runId,
      'Channel Counts Right',
    ]);
  };
  const passed = [{ passed: true, value: '0', expected: '0' }];

  it('passes while catch-up is at work: it has applied changes of videos, and sums up at its end', async () => {
    const runId = await twoVideos();
    await database.query(`update public.campaigns set view_count = 5 where id = 'a'`);
    await database.query(`delete from public.campaigns where id = 'b'`);
    await queueChanges(database.db, { targetMs: 1_000, outOfTime: () => false });
    await applyChanges(database.db, video, 100);
    expect(await counts()).toEqual([{ videos: 2, views: 1 }]);
    expect(await check(runId)).toEqual(passed);
    expect(await counts()).toEqual([{ videos: 1, views: 5 }]);
  });

  it('passes when a change is applied as it is asked, or a batch is copied between its two looks', async () => {
    const runId = await twoVideos();
    const another = `insert into video_platform.videos (id, channel_id, title, status, origin)
      select 'c', id, 't', 'PRIVATE', 'videopick' from video_platform.channels`;
    const late = through(database.db, async (sql, _parameters, pass) => {
      const answer = await pass();
      if (sql.includes(sumUpFunction(video)) && (await counts())[0]?.videos === 2)
        await database.query(`${another} on conflict do nothing`);
      return answer;
    });
    expect(await check(runId, late)).toEqual(passed);
    expect(await database.query(`select from video_platform.videos where id = 'c'`)).toHaveLength(1); // it came between the two
    await database.query(`update public.campaigns set view_count = view_count + 1`);
    const [, result] = await Promise.all([catchUpNow(database), check(runId)]);
    expect(result).toEqual(passed);
  });

  it('fails for every channel whose sums stay wrong', async () => {
    const runId = await twoVideos();
    await insertCreator(database, { id: 'v' });
    await migrate(database.db);
    await database.query(
      `create function public.keep_counts() returns trigger language plpgsql as $$ begin new.video_count = 7; return new; end $$`,
    );
    await database.query(
      `create trigger keep_counts before update on video_platform.channels for each row execute function public.keep_counts()`,
    );
    await database.query(`update video_platform.channels set video_count = 7`);
    expect(await check(runId)).toEqual([{ passed: false, value: '2', expected: '0' }]);
    await database.query(`drop function public.keep_counts cascade`);
  });
});

describe('the change log', () => {
  it('is queued to its end for everybody who asks, also when two take the same rows', async () => {
    await migrate(database.db);
    await database.query(
      `insert into video_platform.change_log (source, legacy_key) select 'users.id', n::text from generate_series(1, 12000) n`,
    );
    const log = async () => (await database.query<{ n: number }>('select count(*)::int as n from video_platform.change_log'))[0]?.n;
    const held = await hold(database, `select from video_platform.change_log where legacy_key = '1' for update`);
    // The first stops after one batch, as if it was killed.
    let batches = 0;
    const first = queueChanges(database.db, { targetMs: 1_000, outOfTime: () => batches++ > 0 });
    await othersWait(database);
    const second = queueChanges(database.db, { targetMs: 1_000, outOfTime: () => false });
    await othersWait(database, 2);
    await held.release();
    expect(await first).toBe(false);
    expect(await second).toBe(true);
    expect(await log()).toBe(0);
  });
});
