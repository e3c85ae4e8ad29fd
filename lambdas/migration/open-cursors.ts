import type { DataApi, Row } from '../data-api/data-api.ts';
import { type Account, readAccounts } from './accounts.ts';
import { compileNextKey } from './compile/copy.ts';
import { legacyRows } from './compile/projection.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';
import type { Settings } from './settings.ts';
import { switchedOn } from './switched-on.ts';
import { readUnfinished } from './unfinished.ts';

/** Below this an entity is copied in one range: opening more costs more than they save. */
const ROWS_PER_RANGE = 2_000;

/** What is on record of an entity besides its accounts. */
interface Standing extends Row {
  readonly entity: string;
  /** Whether the ledger has rows in quarantine: it also knows those that are gone on the legacy side and could not be removed. */
  readonly quarantined: boolean;
  /** Whether it has cursors, and one that has not come to its end. */
  readonly cut: boolean;
  readonly open: boolean;
}

/**
 * Sees to it that each entity has cursors before its pending rows: they start over when rows have appeared behind them, since legacy ids are only roughly in order of
 * time. Gives the entities to copy, in order.
 */
export async function openCursors(db: DataApi, settings: Settings): Promise<readonly string[]> {
  const [accounts, standings] = await Promise.all([readAccounts(db), readStandings(db)]);
  const standingOf = ({ name }: Entity) => standings.find(({ entity }) => entity === name);
  for (const account of accounts) {
    const { cut = false, open = false } = standingOf(account.entity) ?? {};
    if (!cut || (account.pending > 0 && !(open && (await hasRowsAhead(db, account.entity)))))
      await cutRanges(db, account, settings.parallelRanges);
  }
  return toCopy(
    settings,
    accounts.filter(({ entity, pending }) => pending > 0 || standingOf(entity)?.quarantined).map(({ entity }) => entity),
  );
}

async function readStandings(db: DataApi): Promise<readonly Standing[]> {
  return db.query<Standing>(
    `select entity,
       exists (select from video_platform.migration_status s where s.entity_type = entity and s.status = 'failed') as quarantined,
       exists (select from video_platform.migration_cursor c where c.entity_type = entity) as cut,
       exists (select from video_platform.migration_cursor c where c.entity_type = entity and not c.exhausted) as open
     from jsonb_array_elements_text(:entities::jsonb) entity`,
    { entities: JSON.stringify(entities.map(({ name }) => name)) },
  );
}

/**
 * Those with rows to copy or to try again, and those that refer to them: catch-up may yet refuse a row of theirs for want of one that this run copies. What is
 * switched off is not named.
 */
function toCopy(settings: Settings, withRows: readonly Entity[]): readonly string[] {
  const named: Entity[] = [];
  for (const entity of switchedOn(settings)) {
    if (withRows.includes(entity) || entity.after.some((before) => named.includes(before))) named.push(entity);
  }
  return named.map(({ name }) => name);
}

/** Whether a pending row lies after an open cursor, within its range: a quota that ends on the last row leaves cursors open with nothing ahead. */
async function hasRowsAhead(db: DataApi, entity: Entity): Promise<boolean> {
  for (const range of (await readUnfinished(db, entity)).ranges)
    if ((await db.query(compileNextKey(entity, range), { range: range.rangeNo })).length > 0) return true;
  return false;
}

/** Cuts the entity's keys into ranges of about equal size; the last one is open at its end, for rows to come. */
async function cutRanges(db: DataApi, { entity, pending, total }: Account, parallelRanges: number): Promise<void> {
  const ranges = Math.max(1, Math.min(parallelRanges, Math.floor(pending / ROWS_PER_RANGE)));
  await db.transaction(async (query) => {
    await query('delete from video_platform.migration_cursor where entity_type = :entity', { entity: entity.name });
    await query(
      `insert into video_platform.migration_cursor (entity_type, range_no, last_key, upto_key)
       select :entity, position - 1, coalesce(lag(key) over (order by position), ''), key
       from (
         select key, row_number() over (order by key nulls last) as position from (${rangeEnds(entity, ranges, total)}) ends
       ) numbered
       on conflict do nothing`, // sent twice, or cut by the same step at work twice
      { entity: entity.name },
    );
  });
}

/** Rows whose keys tell where ranges end; of a table that has more, the rows of so many of its pages. */
const SAMPLE_ROWS = 100_000;

/** SQL of the keys that ranges of about equal size end with; null for the last. One range asks no row for it. */
function rangeEnds(entity: Entity, ranges: number, total: number): string {
  const last = 'select null as key';
  if (ranges === 1) return last;
  const fractions = Array.from({ length: ranges - 1 }, (_, index) => (index + 1) / ranges);
  const sample = total > SAMPLE_ROWS ? `tablesample system (${(100 * SAMPLE_ROWS) / total})` : '';
  const { from, conditions } = legacyRows(entity, sample);
  return `
    select unnest(percentile_disc(array[${fractions.join(', ')}]) within group (order by l.${entity.legacy.key})) as key
    from ${from}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}
    union all ${last}`;
}
