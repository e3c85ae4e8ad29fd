import type pg from 'pg';
import { isLegacyTable } from '../../../database/legacy/sample/columns.ts';
import { DumpError, TO_UTF8 } from '../errors.ts';
import type { OnProgress } from '../load-legacy.ts';
import type { Schema } from '../schema.ts';
import { DumpReader, MAX_STATEMENT_BYTES } from './dump-reader.ts';
import { DumpTarget } from './dump-target.ts';
import { FORMAT_BYTES, refuseOtherFormats } from './recognise-format.ts';
import { RowTally } from './row-tally.ts';
import { MetaCommand, StatementSplitter } from './statement-splitter.ts';

/**
 * Loads a plain-SQL pg_dump (version 12 to 18, COPY or INSERT, with or without schema) in the client's transaction. Reads the file once and holds
 * a few megabytes of it, whatever its size.
 * @throws {DumpError} naming the line
 */
export async function loadDump(file: string, client: pg.ClientBase, expected: Schema, onProgress: OnProgress): Promise<void> {
  const reader = await DumpReader.open(file);
  try {
    refuseOtherFormats(file, await reader.peek(FORMAT_BYTES));
    const target = await DumpTarget.open({
      file,
      client,
      expected,
      onProgress: (table, rows) => onProgress({ table, rows, fraction: reader.fraction }),
    });
    const { otherEncoding } = await readStatements(file, reader, target);
    if (otherEncoding !== undefined) throw new DumpError(file, undefined, `${otherEncoding}; ${TO_UTF8}`);
    await target.finish();
  } finally {
    await reader.close();
  }
}

/** pg_dump writes it above each table's rows, with --inserts also where there are none. */
const ROWS_HEADING = /^-- Data for Name: (\w+); Type: TABLE DATA; Schema: public;/;

/** Runs all statements of the file. Answers the rows of LinkPick's tables among them; those of other tables are left out anyway. */
async function readStatements(file: string, reader: DumpReader, target: DumpTarget): Promise<RowTally> {
  const splitter = new StatementSplitter();
  const tally = new RowTally();
  let insertsRows = false;
  // pg_dump says when it begins and when it is done: a file cut between two statements is told by it.
  let begun = 0;
  let complete = 0;
  const nextLine = () => reader.nextLine({ withinInsert: splitter.isWithinInsert });
  for (let number = 1, text = await nextLine(); text !== undefined; number = reader.line, text = await nextLine()) {
    if (splitter.openLine === undefined && text.startsWith('-- PostgreSQL database dump')) {
      if (text.includes('complete')) complete++;
      else begun++;
    }
    const heading = splitter.openLine === undefined ? ROWS_HEADING.exec(text)?.[1] : undefined;
    if (heading !== undefined) target.announceRows(heading);
    if (!splitter.isWithinInsert) insertsRows = /^\s*insert\s/i.test(text) && isOfLinkPick(text);
    if (insertsRows) tally.addInsertLine(text, splitter.isWithinQuotes);
    const statements = splitLine(file, splitter, number === 1 ? text.replace(/^\ufeff/, '') : text, number);
    for (const [index, statement] of statements.entries()) {
      const copy = await target.run(statement);
      if (copy === undefined) continue;
      if (index < statements.length - 1 || splitter.openLine !== undefined) {
        throw new DumpError(file, number, 'found SQL behind COPY … FROM stdin on one line; the rows begin on the next');
      }
      await copy(reader.copyData(isOfLinkPick(statement.text) ? tally : undefined), reader.line);
    }
    if (splitter.openLength > MAX_STATEMENT_BYTES) {
      throw new DumpError(
        file,
        splitter.openLine,
        `a statement longer than ${MAX_STATEMENT_BYTES >> 20} MiB; dump again without --rows-per-insert`,
      );
    }
  }
  if (splitter.openLine !== undefined)
    throw new DumpError(file, splitter.openLine, 'the statement never ends; the file is cut short: dump again');
  if (complete < begun)
    throw new DumpError(
      file,
      undefined,
      'pg_dump\'s closing line "PostgreSQL database dump complete" is missing; the file is cut short: dump again',
    );
  return tally;
}

/** Whether an INSERT or a COPY is into one of LinkPick's tables. A look at its beginning: it is asked before the statement has ended. */
function isOfLinkPick(statement: string): boolean {
  const table = /^\s*(?:insert\s+into|copy)\s+(?:"?public"?\s*\.\s*)?"?(\w+)/i.exec(statement)?.[1];
  return table !== undefined && isLegacyTable(table.toLowerCase());
}

function splitLine(file: string, splitter: StatementSplitter, text: string, number: number) {
  try {
    return splitter.push(text, number);
  } catch (error) {
    if (!(error instanceof MetaCommand)) throw error;
    const remedy = error.command === '\\connect' ? 'dump again without --create' : 'take it out of the file';
    throw new DumpError(file, number, `the psql command ${error.command} is refused, a dump is read as data; ${remedy}`, { cause: error });
  }
}
