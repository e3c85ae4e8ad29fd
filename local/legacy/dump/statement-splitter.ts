/** One SQL statement of a dump, without its semicolon and comments. */
export interface Statement {
  readonly text: string;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
}

/** A psql command (`\connect`) met outside quotes. */
export class MetaCommand extends Error {
  override readonly name = 'MetaCommand';
  readonly command: string;
  readonly line: number;

  constructor(command: string, line: number) {
    super(`psql command ${command}`);
    this.command = command;
    this.line = line;
  }
}

type Enclosure =
  | { readonly kind: 'string' | 'name' }
  | { readonly kind: 'escape-string' }
  | { readonly kind: 'dollar'; readonly tag: string }
  | { readonly kind: 'comment'; depth: number };

const SPECIAL = /'|"|;|--|\/\*|\\|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/g;

/** Splits SQL given line by line into statements; knows quotes, E-strings, dollar quotes and comments, each of which may span lines. */
export class StatementSplitter {
  #text = '';
  #line = 0;
  #inside: Enclosure | undefined;
  #isInsert = false;

  /** Where the statement not yet ended begins; undefined between statements. */
  get openLine(): number | undefined {
    return this.#text === '' && this.#inside === undefined ? undefined : this.#line;
  }

  /** Whether the statement not yet ended is an INSERT. */
  get isWithinInsert(): boolean {
    return this.#text !== '' && this.#isInsert;
  }

  /** Whether what comes next is within quotes. */
  get isWithinQuotes(): boolean {
    return this.#inside !== undefined && this.#inside.kind !== 'comment';
  }

  get openLength(): number {
    return this.#text.length;
  }

  /** The statements that end on this line. @throws {MetaCommand} but for \restrict and \unrestrict, which pg_dump writes since 2025 */
  push(line: string, number: number): Statement[] {
    const statements: Statement[] = [];
    let at = 0;
    while (at < line.length) {
      if (this.#inside !== undefined) {
        at = this.#leave(this.#inside, line, at);
        continue;
      }
      SPECIAL.lastIndex = at;
      const special = SPECIAL.exec(line);
      this.#append(line.slice(at, special?.index), number);
      if (special === null) break;
      const [token] = special;
      at = special.index + token.length;
      if (token === ';') {
        if (this.#text !== '') statements.push({ text: this.#text.trim(), line: this.#line });
        this.#text = '';
      } else if (token === '--') {
        this.#append('\n', number);
        break;
      } else if (token === '\\') {
        const command = /^\\\S*/.exec(line.slice(special.index))?.[0] ?? token;
        if (this.#text !== '' || !['\\restrict', '\\unrestrict'].includes(command)) throw new MetaCommand(command, number);
        break;
      } else if (token === '/*') {
        this.#inside = { kind: 'comment', depth: 1 };
        if (this.#text === '') this.#line = number;
      } else {
        this.#inside = enclosureOf(token, line.slice(Math.max(0, special.index - 2), special.index));
        this.#append(token, number);
      }
    }
    return statements;
  }

  #append(text: string, number: number): void {
    if (this.#text === '') {
      const trimmed = text.trimStart();
      if (trimmed === '') return;
      this.#line = number;
      this.#text = trimmed;
      this.#isInsert = /^insert(?!\w)/i.test(trimmed);
    } else this.#text += text;
  }

  /** Moves to behind the end of the enclosure, or of the line. */
  #leave(inside: Enclosure, line: string, from: number): number {
    const end = inside.kind === 'comment' ? endOfComment(inside, line, from) : endOf(inside, line, from);
    if (inside.kind !== 'comment') this.#text += line.slice(from, end ?? line.length);
    if (end === undefined) return line.length;
    if (inside.kind === 'comment') this.#append(' ', 0);
    this.#inside = undefined;
    return end;
  }
}

/**
 * What a quote opens; the characters `before` it on its line decide: E'…' has escapes, and a $ within a word is part of the word. They are not taken
 * from the statement so far: looking into that long string for each quote would cost its length each time.
 */
function enclosureOf(token: string, before: string): Enclosure | undefined {
  if (token === '"') return { kind: 'name' };
  if (token === "'") return { kind: /(?:^|[^\w$\u0080-\uffff])[eE]$/.test(before) ? 'escape-string' : 'string' };
  return /[\w$\u0080-\uffff]$/.test(before) ? undefined : { kind: 'dollar', tag: token };
}

function endOf(inside: Exclude<Enclosure, { kind: 'comment' }>, line: string, from: number): number | undefined {
  if (inside.kind === 'escape-string') {
    const ending = /\\[\s\S]|''|'/g;
    ending.lastIndex = from;
    for (let match = ending.exec(line); match !== null; match = ending.exec(line)) {
      if (match[0] === "'") return ending.lastIndex;
    }
    return undefined;
  }
  // A doubled quote ends the enclosure and begins the next: the same in effect.
  const close = inside.kind === 'dollar' ? inside.tag : inside.kind === 'name' ? '"' : "'";
  const found = line.indexOf(close, from);
  return found < 0 ? undefined : found + close.length;
}

function endOfComment(inside: { depth: number }, line: string, from: number): number | undefined {
  const bound = /\/\*|\*\//g;
  bound.lastIndex = from;
  for (let match = bound.exec(line); match !== null; match = bound.exec(line)) {
    inside.depth += match[0] === '/*' ? 1 : -1;
    if (inside.depth === 0) return bound.lastIndex;
  }
  return undefined;
}
