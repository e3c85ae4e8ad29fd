import type { Entity } from '../entities/entity.ts';
import { columnNames, keyRange, legacyRows, projectionName } from './projection.ts';
import { alike, completedOrRefused, fingerprint, insertedOrUpdated, MAY_MOVE_ROWS, recorded, recordedRefusal } from './rows.ts';
import { sumsDue } from './sums-due.ts';

/** Whether a key range ends at a key or at the table's end: two statements, so that both are bounded index scans. */
export interface Range {
  readonly bounded: boolean;
}

/**
 * Whether target rows are expected that the ledger does not know. A statement that does not look for them costs a row a sixth less; the first that meets one is
 * refused for its key (SQLSTATE 23505), and its range goes on with `on conflict do update`.
 */
export interface Occupancy {
  readonly occupied: boolean;
}

/**
 * One batch of an entity, in one statement and so in one transaction: rows, mapping, ledger, quota, cursor and the batch's key commit together
 * or not at all.
 *
 * Parameters: `:run` (text, uuid of the run), `:batch` (text, uuid of this batch: sent again it changes nothing), `:range` (int8, of the cursor),
 * `:limit` (int8, rows at most), `:aside` (int8, rows that may be set aside), `:only` (text or null: just this legacy key, to isolate a bad row).
 * One result row: `leased` (false: the run is not the running one or is asked to stop; nothing was done), `request`, `completed`, `quarantined`,
 * `exhausted`, `remaining` (of the day's quota). SQLSTATE VP001: source and target differ; VP002: the quota is used up; VP003: more rows
 * would be set aside than may be.
 */
export function compileCopy(entity: Entity, { occupied, ...range }: Range & Occupancy): string {
  const { name, legacy, target } = entity;
  return `-- copy ${name}: ${legacy.table} → ${target.table}, the next rows of a range after its cursor · the reply carries counts only, never rows
with ${lease(entity)},
${occupied ? nextKeys(entity, range, pending) : `${ahead(entity, range)},\n${nextKeys(entity, range, pendingAhead)}`},
${occupied ? storedOverRows(entity) : stored(entity)}
${answer}`;
}

/**
 * Sets one row aside that the database refused to insert: ledger and cursor only.
 *
 * Parameters: as of the copy statement, `:only` being the row's legacy key, and `:reason` (JSON text: class, sqlState, message).
 */
export function compileSetAside(entity: Entity, range: Range): string {
  return `-- set aside ${entity.name}: one row, which the database refused
with ${lease(entity)},
${nextKeys(entity, range, pending)},
${recordedRefusal(entity, 'select legacy_id, :reason::jsonb as reason from keys')},
${outcome(entity, 'true')}
${answer}`;
}

/** The key of the next row of a range: the one to isolate when a batch of one row fails. Parameter: `:range`. */
export function compileNextKey(entity: Entity, range: Range): string {
  const { from, conditions } = legacyRows(entity);
  const cursor = `(select last_key from video_platform.migration_cursor where entity_type = '${entity.name}' and range_no = :range::int)`;
  const upto = `(select upto_key from video_platform.migration_cursor where entity_type = '${entity.name}' and range_no = :range::int)`;
  return `-- next key of ${entity.name}
select l.${entity.legacy.key} as key
from ${from}
where ${[...conditions, ...after(entity, cursor, range.bounded ? upto : undefined), pending(entity)].join('\n  and ')}
order by l.${entity.legacy.key}
limit 1`;
}

/** Held, shared, by each transaction that copies rows, to its end: catch-up sees by it that a batch is being committed. */
export const COPY_LOCK = `hashtextextended('videopick.copy', 0)`;

/** The projection's rows of `keys`. The bounds save looking up each key. What is not selected is not planned. */
function projectedKeys(entity: Entity, { columns = '*', keys = 'keys' } = {}): string {
  return `select p.${columns} from ${keys} keys join ${projectionName(entity)} p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)`;
}

/**
 * Stores what can be projected where no row is expected. MERGE answers what it stored beside what it was given, so values are compared with values, and rows go from
 * the projection into the table without being kept in between, which saves a row a sixteenth of its copy. What was not stored is projected once more for its reason; without one, something
 * on the target left it out.
 */
function stored(entity: Entity): string {
  const columns = columnNames(entity);
  return `inserted as (
  merge into video_platform.${entity.target.table} t
  using (
    ${projectedKeys(entity)}
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (${columns.join(', ')}) values (${columns.map((column) => `p.${column}`).join(', ')})
  returning p.legacy_id, t.${entity.target.key}::text as new_id, p.source_version, ${alike(entity)} as matches
),
refused as materialized (
  ${projectedKeys(entity, { columns: 'legacy_id, p.reason', keys: '(select legacy_id from keys except select legacy_id from inserted)' })}
    and (select count(*) from inserted) < (select count(*) from keys)
),
${recorded(
  entity,
  `select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused`,
  { known: false },
)},
${outcome(entity, 'not exists (select from inserted where not matches) and not exists (select from refused where reason is null)')}`;
}

/** The same over rows that are there, which are brought up to date. */
function storedOverRows(entity: Entity): string {
  return `projected as materialized (
  ${projectedKeys(entity)}
),
${insertedOrUpdated(entity)},
${recorded(entity, completedOrRefused(entity, 'source_version'), { known: false })},
${outcome(
  entity,
  `(select coalesce(sum(${fingerprint(entity, 'p')}), 0) from projected p where p.reason is null)
    is not distinct from (select coalesce(sum(fingerprint), 0) from inserted)`,
)}`;
}

/** Takes the range's cursor, locked, while the run is the running one and nobody asks it to stop. Ranges of one run do not wait for each other. */
function lease(entity: Entity): string {
  return `lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(${COPY_LOCK}) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = '${entity.name}' and c.range_no = :range::int
  where r.id = :run::uuid and ${MAY_MOVE_ROWS}
  for share of r for update of c
)`;
}

/**
 * `batch`: the next keys; `keys`: those the quota has room for. The limit of the scan is a parameter alone, whose value the planner sees: a limit that is computed is
 * taken for a tenth of the table.
 */
function nextKeys(entity: Entity, { bounded }: Range, isPending: typeof pending): string {
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  const upto = bounded ? '(select upto_key from lease)' : undefined;
  const wanted = [
    ...conditions,
    ...after(entity, '(select last_key from lease)', upto),
    isPending(entity),
    `(:only::text is null or ${key} = :only::text)`,
  ];
  return `batch as materialized (
  select ${key} as legacy_id
  from ${from}
  where ${wanted.join('\n    and ')}
  order by ${key}
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
)`;
}

/** The keys after a cursor, up to the range's end if it has one. */
function after(entity: Entity, cursor: string, upto: string | undefined): readonly string[] {
  return [...keyRange(entity, `> ${cursor}`), ...(upto === undefined ? [] : keyRange(entity, `<= ${upto}`))];
}

/**
 * Holds for a row that the ledger does not know. The ledger decides, the cursor only saves the search. It is looked up by key, row by row: as a join, the planner
 * may read all that the other ranges have recorded for each row, when its statistics are of before the entity's first.
 */
function pending({ name, legacy }: Entity): string {
  return `(select s.status from video_platform.migration_status s where s.entity_type = '${name}' and s.legacy_id = l.${legacy.key}) is null`;
}

/** Whether the ledger knows any row of the range after the cursor. Mostly it knows none, and asking once saves a row a twentieth of its copy. */
function ahead({ name }: Entity, { bounded }: Range): string {
  const upto = bounded ? ' and s.legacy_id <= (select upto_key from lease)' : '';
  return `ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = '${name}' and s.legacy_id > (select last_key from lease)${upto}
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
)`;
}

/** The same as `pending` where the ledger has the order of the legacy keys; where it has not, a batch meets the row it should have known, and the next ones ask for each. */
function pendingAhead(entity: Entity): string {
  return `(not (select known from ahead) or ${pending(entity)})`;
}

/**
 * Counts what was done and moves the cursor and the batch's key with it; quota and tally follow the key as the statement commits (`count_batch`), so that ranges
 * do not wait for each other's work. `matches` is the inline verification.
 */
function outcome({ name, aggregate }: Entity, matches: string): string {
  return `outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    ${matches} as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = '${name}' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, '${name}', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)${aggregate === undefined ? '' : `,\ndue as (\n  ${sumsDue('outcome where completed > 0')}\n)`}`;
}

const answer = `select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome`;
