import type { Entity } from '../entities/entity.ts';

/** The triggers of one legacy table. */
export interface CapturedTable {
  readonly table: string;
  /** Statements that install them, in order; safe to repeat. */
  readonly install: readonly string[];
  /** Names of the triggers. */
  readonly triggers: readonly string[];
  /** Statements that take them away without trace. */
  readonly remove: readonly string[];
}

/** A legacy column whose value names a row of an entity: a change of the column's row is a change of that row. */
export interface ChangeSource {
  readonly entity: string;
  readonly table: string;
  readonly column: string;
  /** Whether it is the table's key, which is never null. */
  readonly isKey: boolean;
}

/** The prefix of everything that is put on legacy tables; nothing else there is ours. */
export const CAPTURE_PREFIX = 'videopick_capture';
/** The row of `schema_migration` that tells which triggers are installed. */
export const CAPTURE_VERSION = 'capture triggers';

/** Which legacy columns an entity's rows depend on: its own key, and that of every table it reads besides. */
export function changeSources({ name, legacy }: Entity): readonly ChangeSource[] {
  const others = Object.entries(legacy.alsoReads ?? {}).map(([table, column]) => ({ entity: name, table, column, isKey: false }));
  return [{ entity: name, table: legacy.table, column: legacy.key, isKey: true }, ...others];
}

/** How the change log names a source. */
export function sourceName({ table, column }: ChangeSource): string {
  return `${table}.${column}`;
}

/**
 * Triggers that record changed keys in the writer's own transaction, however many entities they concern, in a table without indexes. Inserts and deletes are recorded a
 * statement at a time; updates a row at a time, which costs the single-row writes that LinkPick makes least, and a bulk update 4 µs a row. They run with their owner's rights:
 * LinkPick's role needs none on `video_platform`.
 */
export function compileCapture(entities: readonly Entity[]): readonly CapturedTable[] {
  const sources = entities.flatMap(changeSources);
  return [...new Set(sources.map(({ table }) => table))].map((table) => capturedTable(sources.filter((source) => source.table === table)));
}

/** The change log and the change queue as one list, by entity: what has changed and is not applied yet. */
export function compilePendingChanges(entities: readonly Entity[]): string {
  return `create view video_platform.pending_change as
select entity_type, legacy_id, changed_at from video_platform.change_queue
union all
select s.entity_type, c.legacy_key, c.changed_at from video_platform.change_log c join ${sourceTable(entities)} on s.source = c.source`;
}

/**
 * Moves changes from the log to the queue, one row per changed key and entity: what catch-up does first, under the lock that it applies changes under
 * (`APPLY_LOCK`). Several changes of a key become one, as old as the first and visible to whom the last is. Parameter: `:limit` (int8). One result row: `moved`.
 */
export function compileQueueChanges(entities: readonly Entity[]): string {
  return `-- queue changes: from the log, by entity
with moved as (
  delete from video_platform.change_log c
  where c.ctid = any (array(select c.ctid from video_platform.change_log c limit :limit::int))
  returning c.source, c.legacy_key, c.changed_at, c.xid
),
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id, changed_at, xid)
  select s.entity_type, m.legacy_key, min(m.changed_at), (array_agg(m.xid order by age(m.xid)))[1]
  from moved m join ${sourceTable(entities)} on s.source = m.source
  group by s.entity_type, m.legacy_key
  order by min(m.changed_at)
)
select count(*)::int as moved from moved`;
}

function sourceTable(entities: readonly Entity[]): string {
  const rows = entities.flatMap(changeSources).map((source) => `('${source.entity}', '${sourceName(source)}')`);
  return `(values ${rows.join(', ')}) s (entity_type, source)`;
}

function capturedTable(sources: readonly ChangeSource[]): CapturedTable {
  const table = sources[0]?.table ?? '';
  const columns = [...new Set(sources.map(({ column }) => column))];
  const isKey = (column: string) => sources.some((source) => source.isKey && source.column === column);
  // Where a column is no key it may hold nothing, which names no row; the log takes no null, and a write on LinkPick must not fail for it.
  const named = (column: string, value: string) => (isKey(column) ? '' : ` where ${value} is not null`);
  const record = (rows: string) =>
    logged(
      columns.map((column) => `  select '${table}.${column}', ${column} from ${rows}${named(column, column)}`).join('\n  union all\n'),
    );
  const ofRow = (row: string, which: readonly string[]) =>
    logged(
      which.map((column) => `  select '${table}.${column}', ${row}.${column}${named(column, `${row}.${column}`)}`).join('\n  union all\n'),
    );
  // A key that was given up: rare, so it is paid for by those rows alone.
  const givenUp = columns.map((column) => `  if old.${column} is distinct from new.${column} then\n${ofRow('old', [column])};\n  end if`);
  const triggers: readonly Trigger[] = [
    { name: 'insert', fires: 'after insert', referencing: 'new table as new_rows', body: record('new_rows') },
    { name: 'update', fires: 'after update', eachRow: true, body: [ofRow('new', columns), ...givenUp].join(';\n') },
    { name: 'delete', fires: 'after delete', referencing: 'old table as old_rows', body: record('old_rows') },
    { name: 'truncate', fires: 'after truncate', body: everyKnownKey(sources) },
  ];
  const routine = ({ name }: Trigger) => `video_platform.${CAPTURE_PREFIX}_${table}_${name}()`;
  return {
    table,
    triggers: triggers.map(({ name }) => `${CAPTURE_PREFIX}_${name}`),
    install: triggers.flatMap((trigger) => [
      captureFunction(routine(trigger), trigger.body),
      createTrigger(table, trigger, routine(trigger)),
    ]),
    remove: triggers.flatMap((trigger) => [
      `drop trigger if exists ${CAPTURE_PREFIX}_${trigger.name} on public.${table}`,
      `drop function if exists ${routine(trigger)}`,
    ]),
  };
}

interface Trigger {
  readonly name: string;
  readonly fires: string;
  /** Transition tables of a statement trigger. */
  readonly referencing?: string;
  /** Makes it a row trigger. */
  readonly eachRow?: boolean;
  /** Statements. */
  readonly body: string;
}

function logged(rows: string): string {
  return `  insert into video_platform.change_log (source, legacy_key)\n${rows}`;
}

/** After a truncate nobody can say which rows were there, but the ledger knows which were copied. */
function everyKnownKey(sources: readonly ChangeSource[]): string {
  const known = sources.map(
    ({ entity }) => `  select entity_type, legacy_id from video_platform.migration_status where entity_type = '${entity}'`,
  );
  return `  insert into video_platform.change_queue (entity_type, legacy_id)\n${known.join('\n  union\n')}`;
}

function createTrigger(table: string, { name, fires, referencing, eachRow = false }: Trigger, routine: string): string {
  const rows = eachRow ? 'for each row' : 'for each statement';
  return `create or replace trigger ${CAPTURE_PREFIX}_${name} ${fires} on public.${table}
${referencing === undefined ? '' : `referencing ${referencing} `}${rows} execute function ${routine}`;
}

function captureFunction(signature: string, statements: string): string {
  return `create or replace function ${signature} returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
${statements};
  return null;
end
$$`;
}
