import type pg from 'pg';
import { DumpError } from '../errors.ts';
import type { OnProgress } from '../load-legacy.ts';
import type { Schema } from '../schema.ts';
import { DumpReader, MAX_STATEMENT_BYTES } from './dump-reader.ts';
import { DumpTarget } from './dump-target.ts';
import { FORMAT_BYTES, refuseOtherFormats } from './recognise-format.ts';
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
    await readStatements(file, reader, target);
    refuseOtherEncoding(file, reader);
    await target.finish();
  } finally {
    await reader.close();
  }
}

/** A few broken texts are broken rows; many are another encoding. */
const MOST_BROKEN_TEXTS = 100;
const MOST_BROKEN_SHARE = 0.05;

function refuseOtherEncoding(file: string, { brokenTexts, line }: DumpReader): void {
  if (brokenTexts <= MOST_BROKEN_TEXTS || brokenTexts <= line * MOST_BROKEN_SHARE) return;
  throw new DumpError(
    file,
    undefined,
    `${brokenTexts} texts in ${line} lines are not UTF-8, so this is another encoding; dump again with pg_dump --encoding=UTF8`,
  );
}

async function readStatements(file: string, reader: DumpReader, target: DumpTarget): Promise<void> {
  const splitter = new StatementSplitter();
  // pg_dump says when it begins and when it is done: a file cut between two statements is told by it.
  let begun = 0;
  let complete = 0;
  const nextLine = () => reader.nextLine({ withinInsert: splitter.isWithinInsert });
  for (let number = 1, text = await nextLine(); text !== undefined; number = reader.line, text = await nextLine()) {
    if (splitter.openLine === undefined && text.startsWith('-- PostgreSQL database dump')) {
      if (text.includes('complete')) complete++;
      else begun++;
    }
    const statements = splitLine(file, splitter, number === 1 ? text.replace(/^\ufeff/, '') : text, number);
    for (const [index, statement] of statements.entries()) {
      const copy = await target.run(statement);
      if (copy === undefined) continue;
      if (index < statements.length - 1 || splitter.openLine !== undefined) {
        throw new DumpError(file, number, 'found SQL behind COPY … FROM stdin on one line; the rows begin on the next');
      }
      await copy(reader.copyData(), reader.line);
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
