import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SettingsUnavailableError } from '../../lambdas/app-config/errors.ts';
import { ConfigurationReader } from '../../lambdas/app-config/read-configuration.ts';
import { SettingsRefusedError } from '../../lambdas/migration/errors.ts';
import { readSettings, requireSettings } from '../../lambdas/migration/read-settings.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const database = useMigrationDatabase();

/** An agent that serves the document, and functions that read from it: each has a memory of its own. */
async function agent(document: object) {
  let served = JSON.stringify(document);
  const server = createServer((_, response) => void response.end(served));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const agentUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    coldReader: () => new ConfigurationReader({ path: '/applications/a/environments/e/configurations/c', schema: Settings, agentUrl }),
    serve(next: object) {
      served = JSON.stringify(next);
    },
  };
}

const BAD = { dailyLimit: 0, batchRows: 'many' };

const record = async () => (await database.query('select * from video_platform.migration_settings'))[0];

describe('the settings in force', () => {
  it('are on record with when they came in force, which a second look does not move', async () => {
    const { coldReader, serve } = await agent({ dailyLimit: 5 });
    expect(await requireSettings(coldReader(), database.db)).toMatchObject({ dailyLimit: 5 });
    const first = await record();
    expect(first).toMatchObject({ in_force: { dailyLimit: 5, batchRows: 100 }, problem: null, problem_since: null, disabled_since: null });
    expect(await readSettings(coldReader(), database.db)).toMatchObject({ dailyLimit: 5 });
    expect(await record()).toEqual(first);
    serve({ dailyLimit: 6 });
    await readSettings(coldReader(), database.db);
    const second = await record();
    expect(second).toMatchObject({ in_force: { dailyLimit: 6 } });
    expect(Number(second?.in_force_since)).toBeGreaterThan(Number(first?.in_force_since));
  });

  it('say since when they are switched off, whatever else changes', async () => {
    const { coldReader, serve } = await agent({ enabled: false });
    await readSettings(coldReader(), database.db);
    const { disabled_since: since } = (await record()) ?? {};
    expect(since).toBeInstanceOf(Date);
    serve({ enabled: false, dailyLimit: 9 });
    await readSettings(coldReader(), database.db);
    expect(await record()).toMatchObject({ in_force: { dailyLimit: 9 }, disabled_since: since });
    serve({ enabled: true });
    await readSettings(coldReader(), database.db);
    expect(await record()).toMatchObject({ disabled_since: null });
  });

  it('stay when a document does not fit: no run opens, the bad fields are named, since the first of them', async () => {
    const { coldReader, serve } = await agent({ dailyLimit: 5 });
    await readSettings(coldReader(), database.db);
    serve(BAD);
    for (const reader of [coldReader(), coldReader()]) {
      const refused = requireSettings(reader, database.db);
      await expect(refused).rejects.toBeInstanceOf(SettingsRefusedError);
      await expect(refused).rejects.toThrow(/dailyLimit: .*batchRows: /);
    }
    const refused = await record();
    expect(refused).toMatchObject({ in_force: { dailyLimit: 5 }, problem: expect.stringMatching(/dailyLimit: .*batchRows: /) });
    serve({ dailyLimit: -1 });
    await readSettings(coldReader(), database.db);
    expect(await record()).toMatchObject({ problem: expect.not.stringContaining('batchRows'), problem_since: refused?.problem_since });
    serve({ entities: { vidoe: { enabled: false } }, budgets: { MISSING_REFERENCES: { rows: 1 } } });
    await expect(requireSettings(coldReader(), database.db)).rejects.toThrow(/MISSING_REFERENCES.*vidoe/);
    serve({ dailyLimit: 7 });
    expect(await requireSettings(coldReader(), database.db)).toMatchObject({ dailyLimit: 7 });
    expect(await record()).toMatchObject({ in_force: { dailyLimit: 7 }, problem: null, problem_since: null });
  });

  it('are gone on with by a function that has never seen a good document itself', async () => {
    const { coldReader, serve } = await agent({ dailyLimit: 5 });
    await readSettings(coldReader(), database.db);
    serve(BAD);
    expect(await readSettings(coldReader(), database.db)).toEqual(Settings.parse({ dailyLimit: 5 }));
  });

  it('are none when nobody has seen a good document: a step says so, and what is wrong is on record', async () => {
    const { coldReader } = await agent(BAD);
    await expect(readSettings(coldReader(), database.db)).rejects.toBeInstanceOf(SettingsUnavailableError);
    expect(await record()).toMatchObject({ in_force: null, problem: expect.stringContaining('dailyLimit') });
  });
});
