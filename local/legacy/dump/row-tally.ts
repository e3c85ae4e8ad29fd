import { BROKEN_TEXT_MARK } from './broken-text.ts';

/** A few broken rows are broken rows; many are another encoding. */
const MOST_BROKEN_ROWS = 100;
const MOST_BROKEN_SHARE = 0.05;

/** Counts rows of LinkPick's tables, and those among them that hold bytes which are no UTF-8. However many those are, a row counts once. */
export class RowTally {
  rows = 0;
  broken = 0;
  #isRowBroken = false;

  add(rows: number, broken: number): void {
    this.rows += rows;
    this.broken += broken;
  }

  /** A line of an INSERT. pg_dump begins each row on a line of its own; a line `within` a text goes on with the row before. */
  addInsertLine(text: string, within: boolean): void {
    if (!within) {
      this.rows++;
      this.#isRowBroken = false;
    }
    if (this.#isRowBroken || !text.includes(BROKEN_TEXT_MARK)) return;
    this.#isRowBroken = true;
    this.broken++;
  }

  /** Says so when there are too many broken rows to be anything but text in another encoding. */
  get otherEncoding(): string | undefined {
    if (this.broken <= MOST_BROKEN_ROWS || this.broken <= this.rows * MOST_BROKEN_SHARE) return undefined;
    return `${this.broken} of ${this.rows} rows hold text that is not UTF-8, so this is another encoding`;
  }
}
