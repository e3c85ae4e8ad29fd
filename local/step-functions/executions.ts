import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import { Execution, type ExecutionOptions, type Machine } from './execution.ts';
import { checkName, parseExecutionArn } from './names.ts';
import { exceedsPayloadLimit, MAX_PAYLOAD_BYTES } from './payload.ts';

/** Closed executions kept, so that a runner that serves for days stays flat; the service keeps 90 days. */
const MAX_CLOSED = 1000;

export interface ExecutionsOptions extends Pick<ExecutionOptions, 'tasks' | 'region' | 'now' | 'retryDelayMs' | 'maxHistoryEvents'> {
  readonly accountId: string;
  /** Called on every change of status: once when started, once when closed. */
  readonly onStatus: (execution: Execution) => void;
}

/** The executions of all machines, by name. */
export class Executions {
  readonly #options: ExecutionsOptions;
  readonly #byArn = new Map<string, Execution>();

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /** Starts one, or answers the running one of the same name and input. @throws {AwsError} as `StartExecution` */
  start(machine: Machine, { name = randomUUID(), input = '{}' }: { name?: unknown; input?: unknown }): Execution {
    checkName(name);
    checkInput(input);
    const { onStatus, accountId, ...shared } = this.#options;
    const arn = `arn:aws:states:${shared.region}:${accountId}:execution:${machine.name}:${name}`;
    const existing = this.#byArn.get(arn);
    if (existing?.status === 'RUNNING' && existing.options.input === input) return existing;
    if (existing !== undefined) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    const execution = new Execution({ ...shared, machine, arn, name, input, onClose: () => this.#closed(execution) });
    this.#byArn.set(arn, execution);
    onStatus(execution);
    void execution.run();
    return execution;
  }

  /** @throws {AwsError} InvalidArn, ExecutionDoesNotExist */
  get(arn: unknown): Execution {
    parseExecutionArn(arn);
    const execution = this.#byArn.get(String(arn));
    if (execution === undefined) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  /** Newest first. */
  list(): Execution[] {
    return [...this.#byArn.values()].reverse();
  }

  #closed(execution: Execution): void {
    const closed = [...this.#byArn.values()].filter(({ status }) => status !== 'RUNNING');
    for (const { options } of closed.slice(0, -MAX_CLOSED)) this.#byArn.delete(options.arn);
    this.#options.onStatus(execution);
  }
}

function checkInput(input: unknown): asserts input is string {
  if (typeof input !== 'string') throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input: expected JSON text');
  if (exceedsPayloadLimit(input)) {
    const found = Buffer.byteLength(input);
    throw new AwsError(
      'ValidationException',
      `the input has ${found} bytes, at most ${MAX_PAYLOAD_BYTES} are allowed; put the data in S3 and pass its key`,
    );
  }
  try {
    JSON.parse(input);
  } catch (cause) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: ${(cause as Error).message}`, { cause });
  }
}
