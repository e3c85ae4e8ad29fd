import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { loadLegacy } from '../../local/legacy/load-legacy.ts';
import { migrate } from '../support/migration.ts';
import { createMigrationDatabase, linkpickSql } from '../support/migration-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'videopick-broken-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('loads a dump with broken text, quarantines the row with its column, and migrates the rest', async () => {
  const eucKr = Buffer.from([0xb0, 0xa1, 0xb3, 0xaa]);
  const dump = Buffer.concat([
    Buffer.from(linkpickSql),
    Buffer.from(`COPY public.users (id, email, name, type) FROM stdin;\nu1\ta@example.com\t하늘\tINFLUENCER\n\\.\n`),
    Buffer.from('COPY public.profiles (id, user_id, bio) FROM stdin;\np1\tu1\t소개\n\\.\n'),
    Buffer.from('COPY public.campaigns (id, business_id, title, status) FROM stdin;\nc1\tu1\t'),
    eucKr,
    Buffer.from('\tACTIVE\nc2\tu1\t여름\tACTIVE\n\\.\n'),
    Buffer.from(`INSERT INTO public.campaigns (id, business_id, title, status, hashtags) VALUES ('c3', 'u1', '가을', 'ACTIVE', '`),
    eucKr,
    Buffer.from(
      `');\nINSERT INTO public.campaigns (id, business_id, title, status, description) VALUES ('c4', 'u1', '겨울\0', 'ACTIVE', NULL),\n\t('c5', 'u1', '봄', 'ACTIVE', 'first\n`,
    ),
    eucKr,
    Buffer.from(`');\n`),
  ]);
  const file = join(folder, 'dump.sql');
  writeFileSync(file, dump);
  const database = await createMigrationDatabase({ legacy: ({ url }) => loadLegacy({ kind: 'dump', file }, url) });
  onTestFinished(database.close);
  await migrate(database.db);
  expect(await database.query('select id, title from video_platform.videos')).toEqual([{ id: 'c2', title: '여름' }]);
  expect(
    await database.query(
      `select legacy_id, reason, column_name, value from video_platform.quarantine where entity_type = 'video' order by legacy_id`,
    ),
  ).toEqual([
    { legacy_id: 'c1', reason: 'UNSUPPORTED_TEXT', column_name: 'title', value: null },
    { legacy_id: 'c3', reason: 'UNSUPPORTED_TEXT', column_name: 'hashtags', value: null },
    { legacy_id: 'c4', reason: 'UNSUPPORTED_TEXT', column_name: 'title', value: null },
    { legacy_id: 'c5', reason: 'UNSUPPORTED_TEXT', column_name: 'description', value: null },
  ]);
});
