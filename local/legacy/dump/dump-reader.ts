import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DumpError } from '../errors.ts';
import { BrokenTextMarker } from './broken-text.ts';
import type { RowTally } from './row-tally.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1024 * 1024;
/** The longest line or statement outside COPY data. A pg_dump --inserts writes a row, or --rows-per-insert rows, in one. */
export const MAX_STATEMENT_BYTES = 64 * 1024 * 1024;

/** Reads a dump once, front to back, as lines of SQL or as raw COPY data. Holds a chunk, and at most one line, at a time. */
export class DumpReader {
  readonly #file: string;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #size: number;
  /** Read from the file and not yet given out. */
  #pending: Buffer = Buffer.alloc(0);
  #consumed = 0;
  #ended = false;
  /** The number of the next line. */
  line = 1;

  private constructor(file: string, size: number) {
    this.#file = file;
    this.#size = size;
    this.#chunks = createReadStream(file, { highWaterMark: CHUNK_BYTES })[Symbol.asyncIterator]();
  }

  static async open(file: string): Promise<DumpReader> {
    return new DumpReader(file, (await stat(file)).size);
  }

  /** How much of the file has been given out, 0 to 1. */
  get fraction(): number {
    return this.#size === 0 ? 1 : Math.min(1, this.#consumed / this.#size);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** The first bytes, without giving them out. */
  async peek(count: number): Promise<Buffer> {
    while (this.#pending.length < count && (await this.#fill()));
    return this.#pending.subarray(0, count);
  }

  /**
   * The next line with its line break; undefined at the end. Bytes that are no text are marked: who reads the statement decides whether they matter. A
   * NUL may stand in an INSERT alone, which may go on from the line before (`withinInsert`). @throws {DumpError} for one elsewhere, and for endless lines
   */
  async nextLine({ withinInsert }: { readonly withinInsert: boolean }): Promise<string | undefined> {
    let end = this.#pending.indexOf(NEWLINE);
    while (end < 0) {
      const searched = this.#pending.length;
      if (searched > MAX_STATEMENT_BYTES) throw this.#problem(`a line longer than ${MAX_STATEMENT_BYTES >> 20} MiB; this is not a pg_dump`);
      if (!(await this.#fill())) break;
      end = this.#pending.indexOf(NEWLINE, searched);
    }
    if (this.#pending.length === 0) return undefined;
    const bytes = this.#take(end < 0 ? this.#pending.length : end + 1);
    const mayHaveRows = withinInsert || /^\s*INSERT\s/i.test(bytes.toString('latin1', 0, 100));
    if (!mayHaveRows && bytes.includes(0)) throw this.#problem('a NUL byte outside of rows; this is no plain SQL as pg_dump writes it');
    this.line++;
    return this.#markBroken(bytes);
  }

  /**
   * The data of a COPY whose statement has just been read, up to and without its `\.` line. Bytes that are no UTF-8 are marked, so that one broken
   * row does not keep a whole dump out; at the end `tally` has the rows.
   */
  async *copyData(tally?: RowTally): AsyncGenerator<Buffer> {
    const firstLine = this.line;
    const marker = new BrokenTextMarker();
    for await (const bytes of this.#rawCopyData()) yield marker.push(bytes);
    yield marker.end();
    tally?.add(this.line - firstLine - 1, marker.markedLines); // the last line is the terminator
  }

  async *#rawCopyData(): AsyncGenerator<Buffer> {
    // A terminator is searched with the newline before it; the data's first line has none in reach, and is looked at first.
    let terminator = await this.#terminatorAt(0);
    while (terminator === undefined) {
      const found = this.#pending.indexOf('\n\\.');
      if (found >= 0) {
        terminator = await this.#terminatorAt(found + 1);
        // Two characters that look like the terminator inside a longer line: given out like any others.
        const end = found + 1 + (terminator === undefined ? 2 : 0);
        yield this.#takeLines(end);
        continue;
      }
      // The last two bytes may be the beginning of a terminator.
      if (this.#pending.length > 2) yield this.#takeLines(this.#pending.length - 2);
      if (!(await this.#fill())) {
        this.#takeLines(this.#pending.length);
        throw this.#problem('the file ends within COPY data, before "\\."; it is cut short: dump again');
      }
    }
    this.#take(terminator);
    this.line++;
  }

  #markBroken(bytes: Buffer): string {
    const marker = new BrokenTextMarker();
    return Buffer.concat([marker.push(bytes), marker.end()]).toString();
  }

  /** Length of the terminator that begins at `start`, or undefined when none does. */
  async #terminatorAt(start: number): Promise<number | undefined> {
    while (this.#pending.length < start + 4 && (await this.#fill()));
    return /^\\\.\r?(\n|$)/.exec(this.#pending.toString('latin1', start, start + 4))?.[0].length;
  }

  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    const { value, done } = await this.#chunks.next();
    if (done) this.#ended = true;
    else this.#pending = this.#pending.length === 0 ? value : Buffer.concat([this.#pending, value]);
    return !done;
  }

  #takeLines(length: number): Buffer {
    const taken = this.#take(length);
    for (let at = taken.indexOf(NEWLINE); at >= 0; at = taken.indexOf(NEWLINE, at + 1)) this.line++;
    return taken;
  }

  #take(length: number): Buffer {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    this.#consumed += length;
    return taken;
  }

  #problem(problem: string, cause?: unknown): DumpError {
    return new DumpError(this.#file, this.line, problem, { cause });
  }
}
