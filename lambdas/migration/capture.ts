import type { DataApi, Row } from '../data-api/data-api.ts';
import { CAPTURE_PREFIX, CAPTURE_VERSION, type CapturedTable, compileCapture } from './compile/capture.ts';
import { entities } from './entities/index.ts';
import { probeCapture } from './probe-capture.ts';
import { checksum } from './schema/migration-files.ts';

/** Creating a trigger waits for writers; it must not make those behind it wait for long. */
const LOCK_TIMEOUT = `set local lock_timeout = '3s'`;

/**
 * Sees to it that every change of the legacy tables is recorded: installs the triggers that are not there or not of this version, a table at a time, and
 * proves each with a probe row in a transaction that is rolled back. Safe to repeat. @throws {CaptureNotWorkingError}
 */
export async function ensureCapture(db: DataApi): Promise<void> {
  const tables = compileCapture(entities);
  const version = checksum(tables.flatMap(({ install }) => install).join('\n'));
  if ((await installedVersion(db)) !== version || (await countTriggers(db)) !== tables.flatMap(({ triggers }) => triggers).length) {
    for (const table of tables) await install(db, table);
    await db.query(
      `insert into video_platform.schema_migration (name, checksum) values (:name, :version)
       on conflict (name) do update set checksum = excluded.checksum, applied_at = now()`,
      { name: CAPTURE_VERSION, version },
    );
  }
  await probeCapture(
    db,
    tables.map(({ table }) => table),
  );
}

/** Takes every trigger and function off again; what was recorded stays in the log. */
export async function removeCapture(db: DataApi): Promise<void> {
  for (const { remove } of compileCapture(entities)) {
    await db.transaction(async (query) => {
      await query(LOCK_TIMEOUT);
      for (const statement of remove) await query(statement);
    });
  }
  await db.query('delete from video_platform.schema_migration where name = :name', { name: CAPTURE_VERSION });
}

async function install(db: DataApi, { table, triggers, install }: CapturedTable): Promise<void> {
  await db.transaction(async (query) => {
    await query(LOCK_TIMEOUT);
    for (const statement of install) await query(statement);
    const [former] = await query<Row & { names: readonly string[] }>(
      `select coalesce(array_agg(tgname::text), '{}') as names from pg_trigger
       where tgrelid = 'public.${table}'::regclass and tgname like '${CAPTURE_PREFIX}\\_%' and not tgname = any (string_to_array(:triggers, ','))`,
      { triggers: triggers.join(',') },
    );
    // Of an earlier version: gone with the statement that puts something in their place, so that no change is missed in between.
    for (const name of former?.names ?? []) {
      await query(`drop trigger ${name} on public.${table}`);
      await query(`drop function if exists video_platform.${name.replace(CAPTURE_PREFIX, `${CAPTURE_PREFIX}_${table}`)}()`);
    }
  });
}

async function installedVersion(db: DataApi): Promise<string | undefined> {
  const [row] = await db.query<Row & { checksum: string }>('select checksum from video_platform.schema_migration where name = :name', {
    name: CAPTURE_VERSION,
  });
  return row?.checksum;
}

async function countTriggers(db: DataApi): Promise<number> {
  const [row] = await db.query<{ triggers: number }>(
    `select count(*)::int as triggers from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'public'::regnamespace and t.tgname like '${CAPTURE_PREFIX}\\_%' and t.tgenabled in ('O', 'A')`,
  );
  return row?.triggers ?? 0;
}
