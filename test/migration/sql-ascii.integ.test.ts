import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { LegacySource } from '../../local/legacy/legacy-source.ts';
import { loadLegacy } from '../../local/legacy/load-legacy.ts';
import { createDatabase } from '../support/database.ts';
import { migrate } from '../support/migration.ts';
import { createMigrationDatabase } from '../support/migration-database.ts';
import { createSqlAsciiDatabase, type SqlAsciiDatabase } from '../support/sql-ascii-database.ts';

const EUC_KR = Buffer.from([0xb0, 0xa1, 0xb3, 0xaa]);
const folder = mkdtempSync(join(tmpdir(), 'videopick-sql-ascii-'));
let linkpick: SqlAsciiDatabase;

beforeAll(async () => {
  linkpick = await createSqlAsciiDatabase();
});
beforeEach(() => linkpick.run('truncate users, campaigns cascade'));
afterAll(async () => {
  await linkpick?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** The two ways to the same rows. */
async function sourceOf(kind: 'dump' | 'url'): Promise<LegacySource> {
  if (kind === 'url') return { kind, url: linkpick.url };
  const file = join(folder, 'dump.sql');
  writeFileSync(file, await linkpick.dump());
  return { kind, file };
}

it.each(['dump', 'url'] as const)(
  'takes what is UTF-8 in a SQL_ASCII database and quarantines the rest with its column, from its %s',
  async (kind) => {
    await linkpick.run("insert into users (id, email, name, type) values ('u1', 'a@example.com', '하늘', 'INFLUENCER')");
    await linkpick.run("insert into profiles (id, user_id, bio) values ('p1', 'u1', '소개')");
    await linkpick.run(
      Buffer.concat([
        Buffer.from("insert into campaigns (id, business_id, title, status, hashtags) values ('c1', 'u1', '"),
        EUC_KR,
        Buffer.from("', 'ACTIVE', null), ('c2', 'u1', '여름 🎬', 'ACTIVE', null), ('c3', 'u1', '가을', 'ACTIVE', '"),
        EUC_KR,
        Buffer.from("')"),
      ]),
    );
    const source = await sourceOf(kind);
    const target = await createMigrationDatabase({ legacy: ({ url }) => loadLegacy(source, url) });
    onTestFinished(target.close);
    await migrate(target.db);
    expect(await target.query('select count(*)::int as campaigns from public.campaigns')).toEqual([{ campaigns: 3 }]);
    expect(await target.query('select id, title from video_platform.videos')).toEqual([{ id: 'c2', title: '여름 🎬' }]);
    expect(
      await target.query(
        `select legacy_id, reason, column_name from video_platform.quarantine where entity_type = 'video' order by legacy_id`,
      ),
    ).toEqual([
      { legacy_id: 'c1', reason: 'UNSUPPORTED_TEXT', column_name: 'title' },
      { legacy_id: 'c3', reason: 'UNSUPPORTED_TEXT', column_name: 'hashtags' },
    ]);
  },
);

it.each(['dump', 'url'] as const)('refuses a SQL_ASCII database that is EUC-KR throughout, from its %s', async (kind) => {
  await linkpick.run(
    Buffer.concat([
      Buffer.from("insert into users (id, email, name, type) select 'u' || n, n || '@example.com', '"),
      EUC_KR,
      Buffer.from("', 'ADMIN' from generate_series(1, 150) n"),
    ]),
  );
  const target = await createDatabase();
  onTestFinished(target.drop);
  await expect(loadLegacy(await sourceOf(kind), target.url)).rejects.toMatchObject({
    name: kind === 'dump' ? 'DumpError' : 'LegacyDatabaseError',
    exitCode: 2,
    message: expect.stringMatching(
      /150 of 150 rows hold text that is not UTF-8, so this is another encoding; .*iconv -f CP949 -t UTF-8\)\. Nothing was changed\.$/,
    ),
  });
});
