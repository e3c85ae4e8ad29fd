/**
 * PostgreSQL's lexical rules, as far as they decide where a statement ends and what is a parameter. Pure, and linear in the text's length.
 * Source of the rules: PostgreSQL 17, "Lexical Structure", and psql's scanner (src/fe_utils/psqlscan.l).
 */

/** What a stretch of SQL is. Plain operators, numbers and white space are not reported. */
export type TokenKind =
  | 'word' // a keyword or an unquoted identifier
  | 'string' // '…', with any prefix and the quotes
  | 'quoted-identifier' // "…"
  | 'dollar-string' // $tag$…$tag$
  | 'comment' // -- to the end of the line, or /* … */, nested
  | 'parameter' // :name
  | 'positional' // $1
  | 'cast' // ::
  | 'open' // ( or [
  | 'close' // ) or ]
  | 'semicolon';

export type Visit = (kind: TokenKind, start: number, end: number) => void;

const NEWLINE = /[\n\r]/g;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER = /[0-9][0-9A-Za-z_$.\u0080-\uffff]*/y;
const PARAMETER = /:[A-Za-z_][A-Za-z0-9_]*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const POSITIONAL = /\$[0-9]+/y;
const BLOCK_EDGE = /\/\*|\*\//g;
const PLAIN_STRING_EDGE = /'/g;
const ESCAPE_STRING_EDGE = /['\\]/g;
/** A string goes on after white space that holds a newline, and keeps its kind: `E'a'⏎'b\''`. */
const CONTINUATION = /(?:[ \t\f\v]|--[^\n\r]*(?=[\n\r]))*[\n\r](?:\s|--[^\n\r]*[\n\r])*'/y;

/** Calls `visit` for every token in order. What is never closed (a string, a comment) reaches to the end of the text. */
export function scanSql(sql: string, visit: Visit): void {
  let at = 0;
  while (at < sql.length) {
    const start = at;
    const char = sql.charCodeAt(at);
    if (char <= 32) {
      at++;
    } else if (isWordStart(char)) {
      at = matchEnd(WORD, sql, at) ?? at + 1;
      if (sql.charCodeAt(at) === QUOTE && at - start === 1 && (char | 32) === 0x65) {
        at = endOfEscapeString(sql, at);
        visit('string', start, at);
      } else {
        visit('word', start, at);
      }
    } else if (char >= 0x30 && char <= 0x39) {
      // Letters stick to a number, so that the `e` of 1e5 starts no string. `1..n` never occurs outside PL/pgSQL bodies.
      at = matchEnd(NUMBER, sql, at) ?? at + 1;
    } else {
      switch (char) {
        case QUOTE:
          at = after(PLAIN_STRING_EDGE, sql, at + 1);
          visit('string', start, at);
          break;
        case 0x22: // "
          at = indexAfter(sql, '"', at + 1);
          visit('quoted-identifier', start, at);
          break;
        case 0x24: // $
          at = endOfDollar(sql, at, visit);
          break;
        case 0x2d: // -
          if (sql.charCodeAt(at + 1) === 0x2d) {
            at = after(NEWLINE, sql, at + 2);
            visit('comment', start, at);
          } else at++;
          break;
        case 0x2f: // /
          if (sql.charCodeAt(at + 1) === 0x2a) {
            at = endOfBlockComment(sql, at + 2);
            visit('comment', start, at);
          } else at++;
          break;
        case 0x3a: // :
          if (sql.charCodeAt(at + 1) === 0x3a) {
            at += 2;
            visit('cast', start, at);
          } else {
            const end = matchEnd(PARAMETER, sql, at);
            at = end ?? at + 1;
            if (end !== undefined) visit('parameter', start, end);
          }
          break;
        default:
          at++;
          if (char === 0x28 || char === 0x5b) visit('open', start, at);
          else if (char === 0x29 || char === 0x5d) visit('close', start, at);
          else if (char === 0x3b) visit('semicolon', start, at);
      }
    }
  }
}

/**
 * The statements of a script, without their closing semicolons; stretches of nothing but comments are left out. Semicolons inside
 * parentheses (rules) and inside `begin atomic … end` (SQL-standard function bodies) do not separate.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let empty = true;
  let depth = 0;
  let blockDepth = 0;
  let words: string[] = [];
  const take = (end: number) => {
    if (!empty) statements.push(sql.slice(start, end).trim());
    empty = true;
    depth = 0;
    blockDepth = 0;
    words = [];
  };
  let lastEnd = 0;
  const seeGap = (from: number, to: number) => {
    // Operators and numbers are no tokens, but they make a stretch a statement all the same.
    if (empty && from < to && sql.slice(from, to).trim() !== '') empty = false;
  };
  scanSql(sql, (kind, from, to) => {
    seeGap(lastEnd, from);
    lastEnd = to;
    if (kind === 'semicolon') {
      if (depth > 0 || blockDepth > 0) return;
      take(from);
      start = to;
      return;
    }
    if (kind === 'comment') return;
    empty = false;
    if (kind === 'open') depth++;
    else if (kind === 'close') depth = Math.max(0, depth - 1);
    else if (kind === 'word' && to - from <= 9) {
      // The longest word that matters here is "procedure".
      const word = sql.slice(from, to).toLowerCase();
      if (words.length < 4) words.push(word);
      if (depth === 0 && createsRoutine(words)) {
        if (word === 'begin' || (word === 'case' && blockDepth > 0)) blockDepth++;
        else if (word === 'end' && blockDepth > 0) blockDepth--;
      }
    } else if (kind === 'word' && words.length < 4) words.push('');
  });
  seeGap(lastEnd, sql.length);
  take(sql.length);
  return statements;
}

/** The text with every `:name` replaced by what `replace` answers for its name. Strings, comments and casts stay as they are. */
export function replaceNamedParameters(sql: string, replace: (name: string) => string): string {
  const parts: string[] = [];
  let copied = 0;
  scanSql(sql, (kind, start, end) => {
    if (kind !== 'parameter') return;
    parts.push(sql.slice(copied, start), replace(sql.slice(start + 1, end)));
    copied = end;
  });
  parts.push(sql.slice(copied));
  return parts.join('');
}

/** The first words of a statement, lower case, comments skipped: what kind of statement it is. */
export function leadingWords(statement: string, count: number): string[] {
  const words: string[] = [];
  let open = true;
  scanSql(statement, (kind, start, end) => {
    if (!open || kind === 'comment') return;
    if (kind === 'word' && words.length < count) words.push(statement.slice(start, end).toLowerCase());
    else open = false;
  });
  return words;
}

const QUOTE = 0x27;

function createsRoutine([first, second, third, fourth]: readonly string[]): boolean {
  if (first !== 'create') return false;
  const what = second === 'or' && third === 'replace' ? fourth : second;
  return what === 'function' || what === 'procedure';
}

function isWordStart(char: number): boolean {
  return (char >= 0x61 && char <= 0x7a) || (char >= 0x41 && char <= 0x5a) || char === 0x5f || char >= 0x80;
}

function matchEnd(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

/** The position after the next match; the end of the text when there is none. */
function after(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : sql.length;
}

function indexAfter(sql: string, closing: string, at: number): number {
  const index = sql.indexOf(closing, at);
  return index === -1 ? sql.length : index + closing.length;
}

/** `quote` is the position of the opening quote. A doubled quote ends one string and starts another here, which comes to the same. */
function endOfEscapeString(sql: string, quote: number): number {
  let at = quote + 1;
  for (;;) {
    ESCAPE_STRING_EDGE.lastIndex = at;
    const edge = ESCAPE_STRING_EDGE.exec(sql);
    if (edge === null) return sql.length;
    if (edge[0] === '\\') {
      at = Math.min(edge.index + 2, sql.length);
    } else if (sql.charCodeAt(edge.index + 1) === QUOTE) {
      at = edge.index + 2;
    } else {
      const next = matchEnd(CONTINUATION, sql, edge.index + 1);
      if (next === undefined) return edge.index + 1;
      at = next;
    }
  }
}

function endOfDollar(sql: string, at: number, visit: Visit): number {
  const positional = matchEnd(POSITIONAL, sql, at);
  if (positional !== undefined) {
    visit('positional', at, positional);
    return positional;
  }
  const bodyStart = matchEnd(DOLLAR_TAG, sql, at);
  if (bodyStart === undefined) return at + 1;
  const end = indexAfter(sql, sql.slice(at, bodyStart), bodyStart);
  visit('dollar-string', at, end);
  return end;
}

function endOfBlockComment(sql: string, at: number): number {
  BLOCK_EDGE.lastIndex = at;
  for (let depth = 1; ; ) {
    const edge = BLOCK_EDGE.exec(sql);
    if (edge === null) return sql.length;
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return BLOCK_EDGE.lastIndex;
  }
}
