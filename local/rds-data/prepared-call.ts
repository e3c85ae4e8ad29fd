import type { Connection, FieldDef, Submittable } from 'pg';
import type { BoundStatement } from './parameters.ts';

export interface StatementResult {
  /** Undefined when the statement gives no rows, not even none. */
  readonly fields: readonly FieldDef[] | undefined;
  /** Values as PostgreSQL prints them. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** What was done, as the server says: `SELECT`, `INSERT`, `CREATE TABLE`. */
  readonly command: string;
  readonly affected: number;
  /** Which limit the result broke. Its rows are incomplete then. */
  readonly tooLarge: 'row' | 'result' | undefined;
}

export interface ResultLimits {
  readonly rowBytes: number;
  readonly resultBytes: number;
}

/**
 * One statement in the extended protocol, with declared parameter types and values as the server prints them. node-postgres' own query
 * offers neither; `submit` and the handlers are what it asks of any query (as in pg-cursor).
 */
export class PreparedCall implements Submittable {
  readonly result: Promise<StatementResult>;
  readonly #statement: BoundStatement;
  readonly #limits: ResultLimits;
  readonly #rows: (readonly (string | null)[])[] = [];
  #fields: readonly FieldDef[] | undefined;
  #tag = '';
  #bytes = 0;
  #tooLarge: 'row' | 'result' | undefined;
  #resolve!: (result: StatementResult) => void;
  #reject!: (error: unknown) => void;

  constructor(statement: BoundStatement, limits: ResultLimits) {
    this.#statement = statement;
    this.#limits = limits;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => {}); // whoever awaits it later still sees the error
  }

  submit(connection: Connection): null {
    const { text, types, values } = this.#statement;
    const wire = connection as unknown as WireConnection;
    wire.stream.cork();
    wire.parse({ text, types });
    wire.bind({ values });
    wire.describe({ type: 'P', name: '' });
    wire.execute({});
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    if (this.#tooLarge !== undefined) return;
    let rowBytes = 0;
    for (const value of fields) if (value !== null) rowBytes += Buffer.byteLength(value);
    this.#bytes += rowBytes;
    if (rowBytes > this.#limits.rowBytes) this.#tooLarge = 'row';
    else if (this.#bytes > this.#limits.resultBytes) this.#tooLarge = 'result';
    else this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#tag = text;
  }

  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}

  handleCopyInResponse(connection: { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('COPY is not supported');
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    const [, command = '', affected] = /^([A-Z ]*?)(?: (?:\d+ )?(\d+))?$/.exec(this.#tag) ?? [];
    this.#resolve({
      fields: this.#fields,
      rows: this.#rows,
      command,
      affected: Number(affected ?? 0),
      tooLarge: this.#tooLarge,
    });
  }
}

/** What node-postgres' connection takes; its published types say less. */
interface WireConnection {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { text: string; types: readonly number[] }): void;
  bind(message: { values: readonly (string | Buffer | null)[] }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: object): void;
  sync(): void;
}
