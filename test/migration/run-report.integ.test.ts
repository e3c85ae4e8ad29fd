import { describe, expect, it } from 'vitest';
import { readRunReport } from '../../lambdas/migration/run-report.ts';
import { recordSettings } from '../../lambdas/migration/settings-in-force.ts';
import { insertLegacy, legacyUser } from '../support/legacy-rows.ts';
import { migrate, open, testSettings } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow } from './consistency.ts';

/** What a report counts and dates, read from what the steps left on record. */
const database = useMigrationDatabase();

const endRun = () => database.query(`update video_platform.migration_run set status = 'completed', finished_at = now()`);

describe('rows new in quarantine', () => {
  it('are those that no run had set aside before, whichever step did', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'a' }), legacyUser({ id: 'b', type: 'ODD' }), legacyUser({ id: 'c' })]);
    const first = await migrate(database.db);
    expect(await readRunReport(database.db, first)).toMatchObject({ completed: 2, quarantined: 1 });
    await endRun();
    const { runId } = await open(database.db);
    await database.query(`update public.users set type = 'ODD' where id = 'c'`);
    await catchUpNow(database);
    const report = await readRunReport(database.db, runId);
    expect(report).toMatchObject({ completed: 0, quarantined: 1 });
    expect(report.entities[0]).toMatchObject({ entity: 'user', quarantined: 2, quarantinedNow: 1 });
  });
});

describe('an entity that is switched off', () => {
  it('has been since it was, whatever else changed in the settings; one that was before that was kept, since the settings', async () => {
    const { runId } = await open(database.db);
    const off = { video: { enabled: false } };
    await recordSettings(database.db, testSettings({ settings: { entities: off } }));
    const since = async () =>
      (await readRunReport(database.db, runId)).switchedOff.map(({ entity, since: at }) => `${entity} ${Date.parse(at)}`);
    const [first] = await since();
    await recordSettings(database.db, testSettings({ dailyLimit: 7, settings: { entities: { ...off, watch_later: { enabled: false } } } }));
    const later = await since();
    expect(later).toEqual([first, expect.stringMatching(/^watch_later /)]);
    expect(later[1]?.split(' ')[1]).not.toBe(first?.split(' ')[1]);
    await recordSettings(database.db, testSettings());
    await recordSettings(database.db, testSettings({ settings: { entities: off } }));
    expect(await since()).not.toEqual([first]);
    await database.query(`update video_platform.migration_settings set off_since = '{}', in_force_since = '2026-11-01T00:00:00Z'`);
    expect(await since()).toEqual([`video ${Date.parse('2026-11-01T00:00:00Z')}`]);
  });
});

describe('the dashboard', () => {
  it('says 100 percent of all rows alone', async () => {
    await database.query(
      `insert into public.users (id, email, name, type) select n, n || '@example.com', n, 'ADMIN' from generate_series(1, 20001) n`,
    );
    const complete = (where: string) =>
      database.query(`insert into video_platform.migration_status (entity_type, legacy_id, status, run_id)
        select 'user', id, 'completed', gen_random_uuid() from public.users where ${where}`);
    await complete(`id <> '20001'`);
    const percent = () => database.query(`select percent::float8 from video_platform.migration_dashboard where entity_type = 'user'`);
    expect(await percent()).toEqual([{ percent: 99.99 }]);
    await complete(`id = '20001'`);
    expect(await percent()).toEqual([{ percent: 100 }]);
  });
});
