/** A token of a statement without comments. Words are in lower case; names, strings are without their quotes. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol';
  readonly value: string;
}

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
  /** The index of the token behind the name. */
  readonly next: number;
}

/** Loops are unrolled (`[^']*(?:''[^']*)*`): one step a quote, not one a character, so that a text of megabytes does not exhaust the engine. */
const TOKEN = new RegExp(
  [
    /"(?<name>[^"]*(?:""[^"]*)*)"/,
    /[eE]'(?<escaped>[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*)'/,
    /(?:[bBxX]|[uU]&)?'(?<string>[^']*(?:''[^']*)*)'/,
    /(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*?\k<dollar>/,
    /(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<number>\d[\d.]*(?:[eE][+-]?\d+)?)/,
    /::|\S/,
  ]
    .map((part) => part.source)
    .join('|'),
  'g',
);

export function tokenize(statement: string): Token[] {
  return Array.from(statement.matchAll(TOKEN), ({ 0: whole, groups = {} }): Token => {
    const { name, escaped, string, dollar, word, number } = groups;
    if (name !== undefined) return { kind: 'name', value: name.replaceAll('""', '"') };
    if (escaped !== undefined) return { kind: 'string', value: escaped };
    if (string !== undefined) return { kind: 'string', value: string.replaceAll("''", "'") };
    if (dollar !== undefined) return { kind: 'string', value: whole.slice(dollar.length, -dollar.length) };
    if (word !== undefined) return { kind: 'word', value: word.toLowerCase() };
    return number !== undefined ? { kind: 'number', value: number } : { kind: 'symbol', value: whole };
  });
}

/** Whether the words stand at `at`, one after the other. */
export function hasWords(tokens: readonly Token[], at: number, ...words: readonly string[]): boolean {
  return words.every((word, index) => tokens[at + index]?.kind === 'word' && tokens[at + index]?.value === word);
}

/** The index behind the words when they stand at `at`, else `at`. */
export function skipWords(tokens: readonly Token[], at: number, ...words: readonly string[]): number {
  return hasWords(tokens, at, ...words) ? at + words.length : at;
}

/** Where a word stands first, at or behind `from`; -1 when it does not. */
export function indexOfWord(tokens: readonly Token[], word: string, from = 0): number {
  return tokens.findIndex((token, index) => index >= from && token.kind === 'word' && token.value === word);
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.value === symbol;
}

/** `name` or `schema.name` at `at`; a name without schema is one of public. */
export function readName(tokens: readonly Token[], at: number): QualifiedName | undefined {
  const first = identifier(tokens[at]);
  if (first === undefined) return undefined;
  if (!isSymbol(tokens[at + 1], '.')) return { schema: 'public', name: first, next: at + 1 };
  const second = identifier(tokens[at + 2]);
  return second === undefined ? undefined : { schema: first, name: second, next: at + 3 };
}

/** The names in a parenthesis that begins at `at`. */
export function readNameList(tokens: readonly Token[], at: number): string[] {
  const names: string[] = [];
  if (!isSymbol(tokens[at], '(')) return names;
  for (let index = at + 1; index < tokens.length && !isSymbol(tokens[index], ')'); index++) {
    const name = identifier(tokens[index]);
    if (name !== undefined) names.push(name);
  }
  return names;
}

function identifier(token: Token | undefined): string | undefined {
  return token?.kind === 'word' || token?.kind === 'name' ? token.value : undefined;
}
