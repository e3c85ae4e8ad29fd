import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leadingWords, replaceNamedParameters, scanSql, splitStatements } from '../../lambdas/data-api/sql-lexer.ts';

const tokens = (sql: string) => {
  const found: string[] = [];
  scanSql(sql, (kind, start, end) => found.push(`${kind} ${sql.slice(start, end)}`));
  return found;
};
const mark = (sql: string) => replaceNamedParameters(sql, (name) => `<${name}>`);

describe('scanSql', () => {
  it.each<[string, string[]]>([
    ["'a''b'", ["string 'a'", "string 'b'"]],
    [String.raw`'a\' b`, [String.raw`string 'a\'`, 'word b']],
    [String.raw`E'a\'b' c`, [String.raw`string E'a\'b'`, 'word c']],
    [String.raw`e'a''b\\' c`, [String.raw`string e'a''b\\'`, 'word c']],
    [`E'a' -- go on\n 'b\\'c' d`, [`string E'a' -- go on\n 'b\\'c'`, 'word d']],
    [`E'a' 'b\\' c`, [`string E'a'`, `string 'b\\'`, 'word c']],
    [`name'x\\'`, ['word name', `string 'x\\'`]],
    ['"a""b;"', ['quoted-identifier "a"', 'quoted-identifier "b;"']],
    ['$$a;$b$;$$', ['dollar-string $$a;$b$;$$']],
    ['$x$ $$ ; $X$ $x$', ['dollar-string $x$ $$ ; $X$ $x$']],
    ['a$b$c', ['word a$b$c']],
    ['$1 + $23', ['positional $1', 'positional $23']],
    ['-- a;\nb', ['comment -- a;\n', 'word b']],
    ['/* a /* b */ ; */ c', ['comment /* a /* b */ ; */', 'word c']],
    ['a::int', ['word a', 'cast ::', 'word int']],
    [':a::b', ['parameter :a', 'cast ::', 'word b']],
    ['x[1:2] y := 3', ['word x', 'open [', 'close ]', 'word y']],
    ['열 = :a', ['word 열', 'parameter :a']],
    ['1e5', []],
    ["'never closed ;", ["string 'never closed ;"]],
    ['/* never /* closed */ ;', ['comment /* never /* closed */ ;']],
    ['$a$ never closed ;', ['dollar-string $a$ never closed ;']],
  ])('%s', (sql, expected) => {
    expect(tokens(sql)).toEqual(expected);
  });

  it('gives stretches that are ordered, apart and inside the text, whatever the text', () => {
    const fragment = fc.constantFrom(
      "'",
      '"',
      '$',
      '$$',
      '$a$',
      '--',
      '\n',
      '/*',
      '*/',
      ':',
      '::',
      ';',
      '\\',
      'E',
      'a',
      '1',
      ' ',
      '(',
      ')',
      '가',
      '🎬',
    );
    fc.assert(
      fc.property(
        fc.array(fragment).map((parts) => parts.join('')),
        (sql) => {
          let last = 0;
          scanSql(sql, (_kind, start, end) => {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(end).toBeGreaterThan(start);
            last = end;
          });
          expect(last).toBeLessThanOrEqual(sql.length);
          expect(mark(sql).replace(/[<>]/g, '').length).toBeLessThanOrEqual(sql.length);
          expect(replaceNamedParameters(sql, (name) => `:${name}`)).toBe(sql);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['comments after an escape string', `E'a'${' --x'.repeat(300_000)}`],
    ['open comments', '/*'.repeat(300_000)],
    ['dollar signs', '$'.repeat(600_000)],
    ['dollar tags', '$a$b'.repeat(150_000)],
    ['white space', `E'a'${' \n'.repeat(300_000)}`],
    ['colons', ':'.repeat(600_000)],
    ['statements', "insert into t values ('x', $$y$$); -- z\n".repeat(15_000)],
  ])('takes linear time: %s', (_what, sql) => {
    const started = performance.now();
    splitStatements(sql);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

/** SQL whose content must not be looked into, with every trap inside. */
const opaque = fc
  .tuple(fc.constantFrom('string', 'escape', 'identifier', 'dollar', 'line', 'block'), fc.stringMatching(/^[a-z :;"$*-]{0,12}$/))
  .map(([kind, raw]) => {
    const body = `${raw}:trap;`;
    if (kind === 'string') return `'${body}'`;
    if (kind === 'escape') return `E'${body}\\''`;
    if (kind === 'identifier') return `"${body.replaceAll('"', '""')}"`;
    if (kind === 'dollar') return `$tag$${body}$tag$`;
    if (kind === 'line') return `--${body}\n`;
    return `/*${body.replaceAll('*/', '')}*/`;
  });

describe('replaceNamedParameters', () => {
  it('leaves strings, quoted identifiers, comments, dollar quotes and casts alone', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(opaque, fc.constant(':p::text'))), (parts) => {
        const expected = parts.map((part) => (part === ':p::text' ? '<p>::text' : part)).join(' , ');
        expect(mark(parts.join(' , '))).toBe(expected);
      }),
    );
  });

  it('takes the longest name', () => {
    expect(mark(':a_1 :a, :A2::int')).toBe('<a_1> <a>, <A2>::int');
  });
});

describe('splitStatements', () => {
  it('gives back the statements it is given', () => {
    const statement = fc.array(opaque, { maxLength: 4 }).map((parts) => `select ${parts.join(' , ')} from t`);
    fc.assert(
      fc.property(fc.array(statement), fc.constantFrom(';', ' ; ', ';\n', ';;\n'), (statements, separator) => {
        expect(splitStatements(statements.join(separator))).toEqual(statements);
      }),
    );
  });

  it('keeps the comment above a statement and drops what is only comment', () => {
    expect(splitStatements('-- why\nselect 1;\n-- the end\n/* really */;')).toEqual(['-- why\nselect 1']);
    expect(splitStatements(' ;; -- nothing')).toEqual([]);
  });

  it('counts operators and numbers as content', () => {
    expect(splitStatements('1; * ;/**/2')).toEqual(['1', '*', '/**/2']);
  });

  it('does not split inside parentheses', () => {
    const rule = 'create rule r as on insert to t do also (insert into a values (1); insert into b values (2))';
    expect(splitStatements(`${rule}; select 1`)).toEqual([rule, 'select 1']);
  });

  it('does not split inside the body of an SQL-standard function', () => {
    const body = 'begin atomic select case when true then 1 else 2 end; select 2; end';
    for (const head of ['create function f() returns int language sql', 'create or replace procedure p() language sql']) {
      expect(splitStatements(`${head} ${body}; select 1`)).toEqual([`${head} ${body}`, 'select 1']);
    }
  });

  it('does not split inside the dollar quotes of a PL/pgSQL function', () => {
    const create = 'create function f() returns trigger language plpgsql as $body$ begin new.a := 1; return new; end; $body$';
    expect(splitStatements(`${create};\ncommit;`)).toEqual([create, 'commit']);
  });
});

describe('leadingWords', () => {
  it.each([
    ['/* x */ Begin; select', 3, ['begin']],
    ['ROLLBACK to savepoint x', 3, ['rollback', 'to', 'savepoint']],
    ['(select 1)', 2, []],
  ] as const)('%s', (sql, count, words) => {
    expect(leadingWords(sql, count)).toEqual(words);
  });
});
