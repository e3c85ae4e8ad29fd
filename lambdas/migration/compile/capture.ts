import type { Entity } from '../entities/entity.ts';

/** The triggers of one legacy table. */
export interface CapturedTable {
  readonly table: string;
  /** Statements that install them, in order; safe to repeat. */
  readonly install: readonly string[];
  /** Statements that take them away without trace. */
  readonly remove: readonly string[];
}

/** Which entities a table's changes concern, and in which column the entity's key stands. */
type Concerns = readonly { readonly entity: string; readonly column: string }[];

const EVENTS = {
  insert: { referencing: 'new table as new_rows', rows: ['new_rows'] },
  update: { referencing: 'old table as old_rows new table as new_rows', rows: ['old_rows', 'new_rows'] },
  delete: { referencing: 'old table as old_rows', rows: ['old_rows'] },
} as const;

/**
 * Triggers that record changed keys in the writer's own transaction: one statement a write, however many rows it changes, so that a bulk update of
 * 100,000 rows adds one insert. They run with their owner's rights: LinkPick's role needs none on `video_platform`.
 */
export function compileCapture(entities: readonly Entity[]): readonly CapturedTable[] {
  const concerns = new Map<string, { entity: string; column: string }[]>();
  for (const { name, legacy } of entities) {
    for (const [table, column] of [[legacy.table, legacy.key] as const, ...Object.entries(legacy.alsoReads ?? {})]) {
      concerns.set(table, [...(concerns.get(table) ?? []), { entity: name, column }]);
    }
  }
  return [...concerns].map(([table, concerned]) => capturedTable(table, concerned));
}

/** The prefix of everything that is put on legacy tables; nothing else there is ours. */
export const CAPTURE_PREFIX = 'videopick_capture';

function capturedTable(table: string, concerns: Concerns): CapturedTable {
  const events = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
  const trigger = (event: string) => `${CAPTURE_PREFIX}_${event}`;
  const routine = (event: string) => `video_platform.${CAPTURE_PREFIX}_${table}_${event}()`;
  return {
    table,
    install: [
      ...events.flatMap((event) => [
        captureFunction(
          routine(event),
          concerns.map(({ entity, column }) => changedKeys(entity, column, EVENTS[event].rows)).join('\n  union\n'),
        ),
        `create or replace trigger ${trigger(event)} after ${event} on public.${table}
referencing ${EVENTS[event].referencing} for each statement execute function ${routine(event)}`,
      ]),
      captureFunction(
        routine('truncate'),
        concerns
          .map(({ entity }) => `  select entity_type, legacy_id from video_platform.migration_status where entity_type = '${entity}'`)
          .join('\n  union\n'),
      ),
      `create or replace trigger ${trigger('truncate')} after truncate on public.${table} for each statement execute function ${routine('truncate')}`,
    ],
    remove: [...events, 'truncate'].flatMap((event) => [
      `drop trigger if exists ${trigger(event)} on public.${table}`,
      `drop function if exists ${routine(event)}`,
    ]),
  };
}

function changedKeys(entity: string, column: string, rows: readonly string[]): string {
  return rows.map((name) => `  select '${entity}'::varchar, ${column}::varchar from ${name}`).join('\n  union\n');
}

function captureFunction(signature: string, changes: string): string {
  return `create or replace function ${signature} returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (entity_type, legacy_id)
${changes};
  return null;
end
$$`;
}
