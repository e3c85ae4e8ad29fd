/**
 * The words of the migration, defined once.
 *
 * entity      one legacy → new mapping, declared as column expressions in SQL; everything else is compiled from it (../compile/)
 * projection  the view `video_platform.<target>_prep`: what the target rows ought to be, right now
 * reason      why a row cannot be projected; null when it can
 *
 * Column expressions see the legacy row as `l`, joined tables under the aliases that `legacy.joins` gives them, and the target rows of
 * other entities under the name of the reference.
 */

/** Why a row is set aside. A closed set: budgets, dashboards and the runbook speak of these. */
export const REASON_CLASSES = [
  'UNKNOWN_VALUE',
  'MISSING_REFERENCE',
  'CONSTRAINT',
  'TOO_LONG',
  'UNSUPPORTED_TEXT',
  'UNSUPPORTED_VALUE',
] as const;
export type ReasonClass = (typeof REASON_CLASSES)[number];

/** The class of a row that is not refused but waits: what it refers to will be there. It stays pending. */
export const WAITING = 'WAITING';

export interface Entity {
  readonly name: string;
  /** Entities whose target rows this one refers to; they are copied first. */
  readonly after: readonly Entity[];
  readonly legacy: LegacySource;
  readonly target: Target;
  /** Target column → how it is derived. */
  readonly columns: Readonly<Record<string, Column>>;
  /**
   * Brings sums that other rows hold over this entity's up to date, a chunk of those rows at a time; safe to repeat. Runs after rows of it moved. Parameters: `:after`
   * (text, exclusive lower key; null at first), `:limit` (int8, rows a chunk). One result row: `next_key` (text; null after the last chunk).
   */
  readonly aggregate?: string;
  /** What the projection looks up besides the legacy tables, and how it is kept. */
  readonly lookup?: Lookup;
}

/** A table derived from the legacy side, because an index on the legacy tables themselves is not ours to make. */
export interface Lookup {
  /**
   * Brings the table up to date, a chunk of the legacy rows at a time; safe to repeat. What it comes to does not depend on how the rows are cut into chunks. Runs over all
   * of them when a run opens. Parameters: `:after` (text, exclusive lower key; null at first), `:limit` (int8, legacy rows a chunk). One result row: `next_key` (text;
   * null after the last chunk).
   */
  readonly refresh: string;
  /**
   * Answers as `legacy_id` every key whose projection changes for it when `refreshKeys` runs: others, and those of `:keys` (JSON array text) themselves. Reads only: an
   * answer that is lost is asked for again.
   */
  readonly affectedKeys: string;
  /** Brings the rows of the legacy keys in `:keys` (JSON array text) up to date. Runs before changes are applied. */
  readonly refreshKeys: string;
}

export interface LegacySource {
  readonly table: string;
  /** The text column that orders the rows and names them in the ledger. */
  readonly key: string;
  /** Further legacy tables the projection reads, with their column that holds `key`: a change there is a change of the row. */
  readonly alsoReads?: Readonly<Record<string, string>>;
  /** SQL after `from public.<table> l`. */
  readonly joins?: string;
  /** The columns of joined tables that equal `key`. */
  readonly joinedKeys?: readonly string[];
  /** Which rows the entity is about: a condition over `l` and the joined tables. */
  readonly where?: string;
}

export interface Target {
  readonly table: string;
  readonly key: string;
  /** The target column that carries the legacy key: `key` itself where ids are kept. Unique. */
  readonly legacyKey: string;
  /**
   * Holds (over the target row `t`) once users have put something of their own into the row. When its legacy row still exists and cannot be projected any more,
   * such a row is kept as it is, and in quarantine, instead of being removed.
   */
  readonly holdsOwn?: string;
}

export interface Column {
  /** The value, as an SQL expression. */
  readonly value: string;
  /** A join the expression needs, SQL after the legacy source. */
  readonly join?: string;
  /** When this holds the row cannot be projected. */
  readonly refusal?: Refusal;
  /**
   * Holds (over the target row `t`) once the new platform owns the column: from then on it is neither compared nor overwritten.
   * Absent: the column follows the legacy row as long as the migration lasts.
   */
  readonly ownedOnceTargetHas?: string;
  /** The entity whose row the column refers to. */
  readonly references?: Entity;
}

export interface Refusal {
  readonly class: ReasonClass;
  /** SQL condition over the legacy row. */
  readonly when: string;
  /** The legacy column at fault. */
  readonly column: string;
  /** Holds while the row is to wait rather than to be refused. */
  readonly waits?: string;
}

export function defineEntity(entity: Entity): Entity {
  return entity;
}

/** SQL text. Marks a template for readers and editors; joins no values into it. */
export function sql(strings: TemplateStringsArray): string {
  return strings.raw.join('');
}

/** The legacy column's value as it is. */
export function keep(column: string): Column {
  return { value: `l.${column}` };
}

/** Text as it is, unless it was broken before it came here. */
export function text(column: string, value = `l.${column}`): Column {
  return { value, refusal: brokenText(column, value) };
}

/** What stands for bytes that were no text is refused, never passed on. */
export function brokenText(column: string, value = `l.${column}`): Refusal {
  return { class: 'UNSUPPORTED_TEXT', column, when: `position(U&'\\FDD0' in ${value}) > 0` };
}

/** Any expression over the legacy row. */
export function derived(value: string): Column {
  return { value };
}

/** A legacy timestamp: UTC without a zone. */
export function instant(column: string): Column {
  return { value: utc(`l.${column}`) };
}

/** SQL of the instant of a legacy timestamp. By its offset: the zone's name would be looked up for each value. */
export function utc(timestamp: string): string {
  return `${timestamp} ${AT_UTC}`;
}

export const AT_UTC = `at time zone interval '0'`;

/** A closed set of values. What is not in it is refused, never guessed. */
export function translate(column: string, values: Readonly<Record<string, string>>): Column {
  const known = Object.keys(values).map(literal);
  const whens = Object.entries(values).map(([from, to]) => `when ${literal(from)} then ${literal(to)}`);
  return {
    value: `case l.${column} ${whens.join(' ')} end`,
    refusal: { class: 'UNKNOWN_VALUE', column, when: `l.${column} is null or l.${column} not in (${known.join(', ')})` },
  };
}

/**
 * The target key of another entity's row, found by its legacy key. While that row is not there yet but can be projected, this one waits; when
 * it cannot, or does not exist, this one is refused.
 */
export function reference(entity: Entity, column: string): Column & { readonly references: Entity } {
  const alias = `${entity.name}_ref`;
  return {
    references: entity,
    value: `${alias}.${entity.target.key}`,
    join: `left join video_platform.${entity.target.table} ${alias} on ${alias}.${entity.target.legacyKey} = l.${column}`,
    refusal: {
      class: 'MISSING_REFERENCE',
      column,
      when: `${alias}.${entity.target.key} is null`,
      waits: `${waitsFor(entity)}(l.${column})`,
    },
  };
}

/**
 * The function that tells whether a legacy key's row of the entity is still to come, compiled in ../compile/waiting.ts. A function, because most rows never ask:
 * the views it reads are planned when it is called, not with every statement.
 */
export function waitsFor({ name }: Entity): string {
  return `video_platform.waits_for_${name}`;
}

/** A number that must not be negative; a missing one counts as zero. */
export function countOf(column: string): Column {
  return {
    value: `coalesce(l.${column}, 0)`,
    refusal: { class: 'UNSUPPORTED_VALUE', column, when: `l.${column} < 0` },
  };
}

/** A value the migration only starts with: the new platform owns the column once `condition` (over the target row `t`) holds. */
export function untilTargetHas(condition: string, column: Column): Column {
  return { ...column, ownedOnceTargetHas: condition };
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
