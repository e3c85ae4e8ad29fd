const MAX_LENGTH = 300;

/** What PostgreSQL names in quotes after these words is a part of the schema; anything else in quotes is taken from the row. */
const QUOTED = /(\b(?:constraint|relation|column|table|index|domain|encoding|type|function|trigger) )?"(?:[^"]|"")*"/g;

/** A database's message without the values it quotes: `invalid input syntax for type integer: "…"`. One line, cut short. */
export function withoutQuotedValues(message: string): string {
  return (message.split('\n')[0] ?? '')
    .replace(/\s*Detail:.*$/, '')
    .replace(QUOTED, (quoted, named?: string) => (named === undefined ? '"…"' : quoted))
    .replace(/[^\s@(]+@[^\s@),;]+/g, '…')
    .slice(0, MAX_LENGTH);
}
