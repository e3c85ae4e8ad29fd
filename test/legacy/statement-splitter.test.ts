import { describe, expect, it } from 'vitest';
import { MetaCommand, StatementSplitter } from '../../local/legacy/dump/statement-splitter.ts';

function split(sql: string) {
  const splitter = new StatementSplitter();
  const lines = sql.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const statements = lines.flatMap((line, index) => splitter.push(line, index + 1));
  return { statements, openLine: splitter.openLine };
}

describe('StatementSplitter', () => {
  it.each([
    ['two on a line', 'a; b;', ['a', 'b']],
    ['a semicolon in a string', "select ';''; ' ;x;", ["select ';''; ' ", 'x']],
    ['a string over lines', "insert ('one\n;-- two\n');", ["insert ('one\n;-- two\n')"]],
    ['a backslash at the end of a plain string', "a 'C:\\'; b;", ["a 'C:\\'", 'b']],
    ['an escaped quote in an E-string', "a E'it\\'s; ''fine'''; b;", ["a E'it\\'s; ''fine'''", 'b']],
    ['a word that ends in e before a string', "note'\\'; b;", ["note'\\'", 'b']],
    ['a quoted name', 'a "x;""y"; b;', ['a "x;""y"', 'b']],
    ['dollar quotes', 'a $$;$$; b $f$ $$;\n $f$; c;', ['a $$;$$', 'b $f$ $$;\n $f$', 'c']],
    ['a dollar within a word', 'a x$y$z; b;', ['a x$y$z', 'b']],
    ['comments, nested and over lines', "-- a;\n/* ; /* ' */\n; */ a /* x */ b -- '\n; c;", ['a   b \n', 'c']],
    ['nothing', '\n;;\n-- only this', []],
  ])('knows %s', (_, sql, expected) => {
    expect(split(sql).statements.map(({ text }) => text)).toEqual(expected.map((text) => text.trim()));
    expect(split(sql).openLine).toBeUndefined();
  });

  it('tells the line a statement begins on', () => {
    expect(split('-- x\n\na;\n  b\n;c;').statements.map(({ line }) => line)).toEqual([3, 4, 5]);
  });

  it.each([
    ["a;\nb '", 2],
    ['a;\n\n/* b', 3],
    ['a', 1],
  ])('tells where a statement that never ends begins: %j', (sql, line) => {
    expect(split(sql).openLine).toBe(line);
  });

  it('takes a string of a million lines with quotes in each in time proportional to its length', () => {
    const splitter = new StatementSplitter();
    const started = performance.now();
    splitter.push("insert into t values ('\n", 1);
    for (let line = 2; line < 1_000_000; line++) splitter.push("it''s a line\n", line);
    expect(splitter.push("');\n", 1_000_000)).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('passes over \\restrict and \\unrestrict, and stops at any other psql command', () => {
    expect(split('\\restrict a;b\na;\n\\unrestrict x').statements).toHaveLength(1);
    expect(() => split('a;\n\\! ls')).toThrow(expect.objectContaining({ command: '\\!', line: 2 }));
    expect(() => split('a \\gexec')).toThrow(MetaCommand);
  });
});
