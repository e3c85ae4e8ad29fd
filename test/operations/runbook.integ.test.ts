import { globSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { REASON_CLASSES } from '../../lambdas/migration/entities/entity.ts';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { MOVEMENT_CODES } from '../../lambdas/operations/status.ts';
import { catchUpNow } from '../migration/consistency.ts';
import { insertCreator, insertLegacy, legacyCampaign } from '../support/legacy-rows.ts';
import { migrate, open, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { runbookBlocks } from '../support/runbook.ts';

const repository = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, repository), 'utf8');
const runbook = read('docs/runbook.md');

/** As GitHub makes them of headings. */
const anchors = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-'),
);
/** The statements that are given to `sql`, and those that stand in the text by themselves. */
const statements = [
  ...[...runbook.matchAll(/^ *sql "([^"]+)"$/gm)].map(([, statement = '']) => statement),
  ...[...runbook.matchAll(/`(select [^`]+)`/g)].map(([, statement = '']) => statement.replaceAll('…', 'x')),
];

const database = useMigrationDatabase({ keepRows: true });

beforeAll(async () => {
  await insertCreator(database, { id: 'owner', name: '주인' });
  await insertLegacy(database, 'campaigns', [legacyCampaign('owner', { id: 'video' }), legacyCampaign('owner', { id: 'video-2' })]);
  await migrate(database.db);
});

it('has a heading for every place in it that code and documents name', () => {
  const files = globSync(['lib/**/*.ts', 'lambdas/**/*.ts', 'docs/**/*.md'], { cwd: repository });
  const named = files.flatMap((file) => [...read(file).matchAll(/runbook\.md#([\w-]+)/g)].map(([, anchor]) => anchor));
  const within = [...runbook.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor);
  expect(named.length).toBeGreaterThan(5);
  expect([...named, ...within].filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
});

it('says what to do for every answer to "why is it not moving?" that is not good news, and for every class of quarantine', () => {
  const codes = MOVEMENT_CODES.filter((code) => code !== 'RUNNING' && code !== 'DONE');
  expect([...codes, ...REASON_CLASSES].filter((code) => !runbook.includes(`\`${code}\``))).toEqual([]);
});

describe('its SQL runs through the Data API', () => {
  it('is found', () => expect(statements.length).toBeGreaterThan(20));

  it.each(statements)('%s', async (statement) => {
    const [here] = await database.query<{ role: string; name: string }>('select current_user as role, current_database() as name');
    const filled = statement
      .replaceAll(/\bROLE\b/g, here?.role ?? '')
      .replaceAll(/\bDATABASE\b/g, here?.name ?? '')
      .replaceAll(/\bPID\b/g, '0');
    await expect(database.db.query(filled)).resolves.toBeDefined();
  });
});

it('mends the named checks that a repair does not see', async () => {
  const [, ...blocks] = runbookBlocks('A named check fails');
  const [goneRows = '', mappings = '', , cursors = ''] = blocks.map((block) => /sql "([^"]+)"/.exec(block)?.[1] ?? '');
  const failed = async () => {
    await database.query(`update video_platform.migration_run set status = 'completed', finished_at = now() where status = 'running'`);
    const { runId, runDate } = await open(database.db);
    await verifyEntity({ runId, runDate }, { db: database.db, timeLeftMs });
    const checks = await database.db.query(
      'select name from video_platform.verification_check where run_id = :run::uuid and not passed order by name',
      { run: runId },
    );
    return checks.map(({ name }) => name);
  };
  expect(await failed()).toEqual([]);
  await database.query(`insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, new_id)
    values ('user', 'gone', 'completed', gen_random_uuid(), 'gone')`);
  await database.query(`update video_platform.migration_status set new_id = 'other' where entity_type = 'video' and legacy_id = 'video'`);
  await database.query(`update video_platform.migration_cursor set last_key = 'b', upto_key = 'a' where entity_type = 'user'`);
  await database.query(`update video_platform.migration_status set new_id = gen_random_uuid() where entity_type = 'channel'`);
  expect(await failed()).toEqual(['Cursors In Order', 'Every Row Accounted For', 'Mapping One To One', 'User Count Match']);

  for (const statement of [goneRows, mappings, cursors]) await database.db.query(statement);
  await catchUpNow(database);
  expect(await failed()).toEqual([]);
});
