import { isLegacyTable } from '../../../database/legacy/sample/columns.ts';
import type { LegacyTable } from '../../../database/legacy/sample/rows.ts';
import { hasWords, indexOfWord, isSymbol, type QualifiedName, readName, readNameList, skipWords, type Token, tokenize } from './tokens.ts';

/**
 * What the loader does with a statement of a dump. A dump is data, not a program: what is not on this list is refused by name. LinkPick's six tables
 * of schema public are loaded with their constraints, indexes, enums and sequences; other tables and schemas, grants, owners, comments, extensions,
 * publications, triggers, policies, rules and session settings are left out.
 */
export type Action =
  /** `extension`: which one a CREATE EXTENSION would bring. */
  | { readonly kind: 'skip'; readonly extension?: string }
  | ExecuteAction
  | { readonly kind: 'setval'; readonly sequence: string }
  /** `table` is undefined when the rows are another table's. */
  | { readonly kind: 'copy'; readonly table: LegacyTable | undefined; readonly columns: readonly string[] }
  | { readonly kind: 'insert'; readonly table: LegacyTable; readonly columns: readonly string[] }
  /** Left out in an empty database, which has nothing to drop; refused later. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'refuse'; readonly what: string; readonly remedy?: string };

/** A definition. */
export interface ExecuteAction {
  readonly kind: 'execute';
  readonly tokens: readonly Token[];
  readonly creates?: LegacyTable;
  /** Left out when PostgreSQL refuses it: no row needs it by itself. */
  readonly isOptional?: boolean;
  /** The table a foreign key points to. */
  readonly references?: string;
  /** The foreign key alone, which can wait until all rows are in. */
  readonly isForeignKey?: boolean;
}

const SKIP: Action = { kind: 'skip' };
/** By PostgreSQL's names for them without punctuation. A database of SQL_ASCII has any bytes: those that are no UTF-8 are marked. */
const READABLE_ENCODINGS: ReadonlySet<string> = new Set(['utf8', 'unicode', 'sqlascii']);
const LITERAL_WORDS: ReadonlySet<string> = new Set(['null', 'true', 'false', 'default']);

export function classifyStatement(text: string): Action {
  const tokens = tokenize(text);
  const [first] = tokens;
  switch (first?.kind === 'word' ? first.value : '') {
    case 'insert':
      return classifyInsert(tokens);
    case 'copy':
      return classifyCopy(tokens);
    case 'create':
      return classifyCreate(tokens);
    case 'alter':
      return classifyAlter(tokens);
    case 'set':
      return classifySet(tokens);
    case 'select':
      return classifySelect(tokens);
    case 'drop':
      return { kind: 'drop' };
    // The load is one transaction, whatever the dump says.
    case 'begin':
    case 'commit':
    case 'grant':
    case 'revoke':
    case 'comment':
      return SKIP;
    default:
      return hasWords(tokens, 0, 'start', 'transaction') ? SKIP : refuse(tokens);
  }
}

function classifyInsert(tokens: readonly Token[]): Action {
  const name = hasWords(tokens, 0, 'insert', 'into') ? readName(tokens, 2) : undefined;
  if (name === undefined) return refuse(tokens);
  const table = legacyTable(name);
  if (table === undefined) return SKIP;
  const values = indexOfWord(tokens, 'values', name.next);
  let end = tokens.length;
  if (hasWords(tokens, end - 4, 'on', 'conflict', 'do', 'nothing')) end -= 4;
  const computes = (token: Token) => token.kind === 'name' || (token.kind === 'word' && !LITERAL_WORDS.has(token.value));
  const queries = tokens
    .slice(name.next, values)
    .some((token) => token.kind === 'word' && ['select', 'with', 'table'].includes(token.value));
  if (values < 0 || queries) return { kind: 'refuse', what: 'INSERT without a plain list of VALUES' };
  const odd = tokens.slice(values + 1, end).find(computes);
  if (odd !== undefined) return { kind: 'refuse', what: `INSERT with "${odd.value}" where only literal VALUES belong` };
  return { kind: 'insert', table, columns: readNameList(tokens, name.next) };
}

function classifyCopy(tokens: readonly Token[]): Action {
  const name = readName(tokens, 1);
  const columns = name === undefined ? [] : readNameList(tokens, name.next);
  const from = indexOfWord(tokens, 'from', name?.next);
  if (name === undefined || !hasWords(tokens, from, 'from', 'stdin') || tokens.length !== from + 2) {
    return { kind: 'refuse', what: 'COPY other than "COPY table (columns) FROM stdin"' };
  }
  return { kind: 'copy', table: legacyTable(name), columns };
}

function classifyCreate(tokens: readonly Token[]): Action {
  const at = ['unlogged', 'unique'].includes(tokens[1]?.value ?? '') ? 2 : 1;
  const kind = tokens[at]?.value ?? '';
  const name = readName(tokens, skipWords(tokens, at + 1, 'if', 'not', 'exists'));
  switch (kind) {
    case 'table':
      return classifyCreateTable(tokens, name);
    case 'index': {
      const on = indexOfWord(tokens, 'on');
      const table = readName(tokens, skipWords(tokens, on + 1, 'only'));
      if (table === undefined || legacyTable(table) === undefined) return SKIP;
      return { kind: 'execute', tokens, isOptional: tokens[1]?.value !== 'unique' };
    }
    case 'sequence':
      return name?.schema === 'public' ? { kind: 'execute', tokens } : SKIP;
    case 'type':
    case 'domain':
      return name?.schema === 'public' ? { kind: 'execute', tokens, isOptional: true } : SKIP;
    case 'extension':
      return name === undefined ? SKIP : { kind: 'skip', extension: name.name };
    case 'database':
      return { kind: 'refuse', what: 'CREATE DATABASE', remedy: 'dump again without --create' };
    case 'schema':
    case 'publication':
    case 'statistics':
    // What pg_dump writes with a table even when told to dump that table alone.
    case 'constraint': // CREATE CONSTRAINT TRIGGER
    case 'trigger':
    case 'policy':
    case 'rule':
      return SKIP;
    default:
      return refuse(tokens);
  }
}

function classifyCreateTable(tokens: readonly Token[], name: QualifiedName | undefined): Action {
  if (name === undefined) return refuse(tokens);
  const table = legacyTable(name);
  const parentAt = hasWords(tokens, name.next, 'partition', 'of') ? name.next + 2 : indexOfWord(tokens, 'inherits') + 2;
  const parent = parentAt > 1 ? readName(tokens, parentAt) : undefined;
  const partitioned = tokens.some((_, index) => hasWords(tokens, index, 'partition', 'by'));
  if ((table !== undefined && partitioned) || (parent !== undefined && legacyTable(parent) !== undefined)) {
    return {
      kind: 'refuse',
      what: 'a partitioned or inherited LinkPick table',
      remedy: 'give the URL of the database instead: npm start -- --legacy postgres://…',
    };
  }
  if (table === undefined) return SKIP;
  if (!isSymbol(tokens[name.next], '(')) return { kind: 'refuse', what: 'CREATE TABLE without a list of columns' };
  return { kind: 'execute', tokens, creates: table };
}

function classifyAlter(tokens: readonly Token[]): Action {
  if (!hasWords(tokens, 0, 'alter', 'table')) {
    const harmless = ['sequence', 'publication', 'index', 'default', 'schema', 'extension'].includes(tokens[1]?.value ?? '');
    return harmless || tokens.some((_, index) => hasWords(tokens, index, 'owner', 'to')) ? SKIP : refuse(tokens);
  }
  const name = readName(tokens, skipWords(tokens, skipWords(tokens, 2, 'if', 'exists'), 'only'));
  if (name === undefined) return refuse(tokens);
  const verb = tokens[name.next]?.value ?? '';
  const inherits = verb === 'inherit' ? readName(tokens, name.next + 1) : verb === 'attach' ? name : undefined;
  if (inherits !== undefined && legacyTable(inherits) !== undefined) {
    return {
      kind: 'refuse',
      what: 'a partitioned or inherited LinkPick table',
      remedy: 'give the URL of the database instead: npm start -- --legacy postgres://…',
    };
  }
  if (legacyTable(name) === undefined) return SKIP;
  switch (verb) {
    case 'add':
    case 'alter': {
      const references = indexOfWord(tokens, 'references', name.next);
      const target = references < 0 ? undefined : readName(tokens, references + 1);
      if (target === undefined) return { kind: 'execute', tokens };
      const kindAt = hasWords(tokens, name.next, 'add', 'constraint') ? name.next + 3 : name.next + 1;
      return { kind: 'execute', tokens, references: nameIn(target), isForeignKey: hasWords(tokens, kindAt, 'foreign', 'key') };
    }
    case 'drop':
      return { kind: 'drop' };
    // Who owns and sees the rows, how they are stored, whether triggers run: nothing of it changes the rows.
    case 'owner':
    case 'enable':
    case 'disable':
    case 'force':
    case 'no':
    case 'replica':
    case 'cluster':
    case 'set':
      return SKIP;
    default:
      return { kind: 'refuse', what: `ALTER TABLE ${verb.toUpperCase()}` };
  }
}

function classifySet(tokens: readonly Token[]): Action {
  const value = tokens[3]?.value.toLowerCase();
  if (hasWords(tokens, 1, 'client_encoding') && !READABLE_ENCODINGS.has(value?.replaceAll(/[^a-z0-9]/g, '') ?? '')) {
    return { kind: 'refuse', what: `text in the encoding ${tokens[3]?.value}`, remedy: 'dump again with pg_dump --encoding=UTF8' };
  }
  if (hasWords(tokens, 1, 'standard_conforming_strings') && value !== 'on')
    return { kind: 'refuse', what: 'SET standard_conforming_strings = off' };
  if (hasWords(tokens, 1, 'search_path') && value !== '' && value !== 'public')
    return { kind: 'refuse', what: 'SET search_path to a schema other than public' };
  return SKIP;
}

function classifySelect(tokens: readonly Token[]): Action {
  const called = tokens.findIndex((token) => isSymbol(token, '(')) - 1;
  const name = tokens[called]?.value ?? '';
  const isCatalogCall = hasWords(tokens, 1, 'pg_catalog') || called === 1;
  const emptiesSearchPath = /^select pg_catalog . set_config \( search_path , {2}, false \)$/;
  if (emptiesSearchPath.test(tokens.map((token) => token.value).join(' '))) return SKIP;
  // Planner statistics, written since PostgreSQL 18.
  if (/^pg_restore_(relation|attribute|extended)_stats$/.test(name)) return SKIP;
  const [sequence, comma, value, ...rest] = tokens.slice(called + 2);
  const isLiteral = sequence?.kind === 'string' && isSymbol(comma, ',') && value?.kind === 'number';
  if (isCatalogCall && name === 'setval' && isLiteral && rest.every((token) => token.kind === 'symbol' || LITERAL_WORDS.has(token.value))) {
    return { kind: 'setval', sequence: sequence.value };
  }
  if (called < 1 || tokens[called]?.kind === 'symbol') return { kind: 'refuse', what: 'SELECT' };
  const isLargeObject = /^lo_|^lowrite$/.test(name);
  return isLargeObject
    ? { kind: 'refuse', what: `SELECT ${name}`, remedy: 'LinkPick has no large objects: dump again with pg_dump --no-blobs' }
    : { kind: 'refuse', what: `SELECT ${name}` };
}

function legacyTable({ schema, name }: QualifiedName): LegacyTable | undefined {
  return schema === 'public' && isLegacyTable(name) ? name : undefined;
}

function nameIn({ schema, name }: QualifiedName): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}

/** Words that stand before the word that says what a statement is about: CREATE OR REPLACE FUNCTION, ALTER TEXT SEARCH DICTIONARY. */
const LEADING_WORDS: ReadonlySet<string> = new Set(
  `access alter constraint create data event foreign import insert large materialized or procedural recursive refresh replace search security
  temp temporary text trusted unlogged`.split(/\s+/),
);
/** Words that may stand alone or before another of theirs. */
const PAIRED_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['operator', ['class', 'family']],
  ['user', ['mapping']],
]);

/** Refuses a statement by the words that name its kind. */
function refuse(tokens: readonly Token[]): Action {
  let last = 0;
  while (LEADING_WORDS.has(tokens[last]?.value ?? '') && tokens[last + 1]?.kind === 'word') last++;
  if (PAIRED_WORDS.get(tokens[last]?.value ?? '')?.includes(tokens[last + 1]?.value ?? '')) last++;
  const what = tokens.slice(0, last + 1).map((token) => token.value.toUpperCase());
  return { kind: 'refuse', what: what.join(' ').slice(0, 60) };
}
