import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { entities } from '../migration/entities/index.ts';
import { iso } from './iso.ts';
import type { QuarantinedRow, QuarantinePage } from './quarantine.ts';
import { withoutQuotedValues } from './without-quoted-values.ts';

export const EntityName = z.enum(entities.map(({ name }) => name) as [string, ...string[]]);
export const ReasonName = z.string().regex(/^[A-Z][A-Z_]{0,39}$/, 'expected a reason class such as UNKNOWN_VALUE');

/** A legacy id, of any length that the ledger's index has room for. */
export const LegacyId = z.string().min(1).max(3_000);

/** The query of `GET /api/quarantine`. */
export const QuarantineQuery = z.strictObject({
  entity: EntityName.optional(),
  reason: ReasonName.optional(),
  /** `next` of the page before: `<entity>:<legacy id>`. */
  after: z
    .string()
    .max(3_100)
    .regex(/^[a-z_]+:./, 'expected the `next` of another answer')
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type QuarantineQuery = z.output<typeof QuarantineQuery>;

interface StoredRow extends Row {
  readonly entity: string;
  readonly legacyId: string;
  readonly reason: string;
  readonly column: string | null;
  readonly value: string | null;
  readonly sqlState: string | null;
  readonly message: string | null;
  readonly attempts: number;
  readonly firstSince: string | null;
  readonly since: string;
  readonly queued: boolean;
}

/**
 * Attempts and the first time are in the ledger alone, so it is read and not the view `quarantine`. A row with one attempt was set aside at that attempt.
 */
const ROWS = `select s.entity_type as entity, s.legacy_id as "legacyId", coalesce(s.metadata ->> 'class', 'UNKNOWN') as reason,
    s.metadata ->> 'column' as column, left(s.metadata ->> 'value', 100) as value, s.metadata ->> 'sqlState' as "sqlState",
    left(s.metadata ->> 'message', 1000) as message, coalesce((s.metadata ->> 'attempts')::int, 1) as attempts,
    ${iso(`coalesce((s.metadata ->> 'firstAt')::timestamptz, case when coalesce((s.metadata ->> 'attempts')::int, 1) = 1 then s.migrated_at end)`)} as "firstSince",
    ${iso('s.migrated_at')} as since,
    exists (select from video_platform.pending_change c where c.entity_type = s.entity_type and c.legacy_id = s.legacy_id) as queued
  from video_platform.migration_status s
  where s.status = 'failed'
    and (:entity::text is null or s.entity_type = :entity::text)
    and (:reason::text is null or coalesce(s.metadata ->> 'class', 'UNKNOWN') = :reason::text)
    and (:after_id::text is null or (s.entity_type, s.legacy_id) > (:after_entity::text, :after_id::text))
  order by s.entity_type, s.legacy_id
  limit :limit::int`;

/** A page of the rows set aside, by keyset: the pages before cost nothing. */
export async function readQuarantine(db: DataApi, { entity, reason, after, limit }: QuarantineQuery): Promise<QuarantinePage> {
  const colon = after?.indexOf(':') ?? 0;
  const rows = await db.query<StoredRow>(ROWS, {
    entity: entity ?? null,
    reason: reason ?? null,
    after_entity: after?.slice(0, colon) ?? null,
    after_id: after?.slice(colon + 1) ?? null,
    limit: limit + 1, // the one beyond tells that there is a next page
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown.map(shownRow), next: rows.length > limit && last !== undefined ? `${last.entity}:${last.legacyId}` : null };
}

/** What a value must look like to be shown, by reason: anything else may be a name, an address or a text of a person. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  UNKNOWN_VALUE: /^([A-Za-z][A-Za-z0-9_-]{0,39}|)$/,
  MISSING_REFERENCE: /^[A-Za-z0-9_-]{1,64}$/,
  UNSUPPORTED_VALUE: /^-?(\d{1,19}|infinity)$/,
};

function shownRow({ value, message, ...row }: StoredRow): QuarantinedRow {
  const isShown = value !== null && SHOWN[row.reason]?.test(value) === true;
  return {
    ...row,
    value: isShown ? value : null,
    withheld: value !== null && !isShown,
    message: message === null ? null : withoutQuotedValues(message),
  };
}
