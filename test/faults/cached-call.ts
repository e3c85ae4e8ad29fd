import type { Connection, FieldDef, Submittable } from 'pg';
import type { BoundStatement } from '../../local/rds-data/parameters.ts';

export interface CallResult {
  readonly fields: readonly FieldDef[] | undefined;
  readonly rows: readonly (readonly (string | null)[])[];
}

const names = new Map<string, string>();
const fieldsOf = new Map<string, readonly FieldDef[]>();

/** One statement in the extended protocol that a connection parses once, and plans once: the same few are sent thousands of times. */
export class CachedCall implements Submittable {
  readonly result: Promise<CallResult>;
  /** By which node-postgres knows what the connection has parsed. */
  readonly name: string;
  readonly text: string;
  readonly #statement: BoundStatement;
  readonly #rows: (readonly (string | null)[])[] = [];
  #resolve!: (result: CallResult) => void;
  #reject!: (error: unknown) => void;

  constructor(statement: BoundStatement) {
    this.text = statement.text;
    this.#statement = statement;
    const key = `${statement.types.join()} ${statement.text}`;
    this.name = names.get(key) ?? `faults_${names.size}`;
    names.set(key, this.name);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): null {
    const { text, types, values } = this.#statement;
    const { name } = this;
    const wire = connection as unknown as WireConnection;
    wire.stream.cork();
    if (wire.parsedStatements[name] === undefined) wire.parse({ name, text, types });
    if (!fieldsOf.has(name)) wire.describe({ type: 'S', name });
    wire.bind({ statement: name, values });
    wire.execute({});
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    fieldsOf.set(this.name, fields);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete(): void {}
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
    this.#resolve({ fields: fieldsOf.get(this.name), rows: this.#rows });
  }
}

/** What node-postgres' connection takes; its published types say less. */
interface WireConnection {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  describe(message: { type: 'S'; name: string }): void;
  bind(message: { statement: string; values: readonly (string | Buffer | null)[] }): void;
  execute(message: object): void;
  sync(): void;
}
