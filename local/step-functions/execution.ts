import { ExecutionTimeoutError } from 'aws-local-stepfunctions';
import type { StatesBlock } from './definition.ts';
import { FatalError } from './fatal-error.ts';
import { History, MAX_HISTORY_EVENTS, type Thread } from './history.ts';
import { exceedsPayloadLimit } from './payload.ts';
import { runStates } from './run-states.ts';
import { TaskError, type TaskHandlers } from './task.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** A state machine as its executions use it. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** As written, for the types and resources in the history. */
  readonly definition: StatesBlock;
  /** As the interpreter runs it. */
  readonly prepared: StatesBlock;
}

export interface ExecutionOptions {
  readonly machine: Machine;
  readonly arn: string;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
  readonly tasks: TaskHandlers;
  readonly region: string;
  readonly now: () => number;
  readonly retryDelayMs?: number | undefined;
  readonly maxHistoryEvents?: number | undefined;
  readonly onClose: () => void;
}

/** One run of a state machine, from `ExecutionStarted` to the event that closes it. */
export class Execution {
  readonly options: ExecutionOptions;
  readonly history: History;
  readonly startMs: number;
  status: ExecutionStatus = 'RUNNING';
  stopMs: number | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  /** The context object's parts that stay the same in every state. */
  readonly context: ExecutionContext;
  /** Resolves when the status is final; never rejects. */
  readonly closed: Promise<void>;

  readonly #controller = new AbortController();
  readonly #thread: Thread = { lastEventId: 0 };
  readonly #resolveClosed: () => void;

  constructor(options: ExecutionOptions) {
    this.options = options;
    this.startMs = options.now();
    this.history = new History({
      now: options.now,
      onFull: () => this.#failAtEventLimit(),
      limit: options.maxHistoryEvents ?? MAX_HISTORY_EVENTS,
    });
    this.context = contextOf(options, this.startMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async run(): Promise<void> {
    const { machine, input } = this.options;
    const details = { input, inputDetails: { truncated: false }, roleArn: machine.roleArn };
    this.history.append(this.#thread, 'ExecutionStarted', ['executionStarted', details]);
    try {
      const output = await runStates(machine, JSON.parse(input), { execution: this, thread: this.#thread, signal: this.signal });
      this.#succeed(JSON.stringify(output) ?? 'null');
    } catch (error) {
      if (error instanceof ExecutionTimeoutError) this.#close('TIMED_OUT', { error: 'States.Timeout' });
      else this.fail(error);
    }
  }

  /** Ends the execution as failed; the first end counts. */
  fail(error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    // Errors of states carry this member; anything else is a defect of the interpreter or of a stand-in.
    const isStateError = error instanceof TaskError || (error instanceof Error && 'isRetryable' in error);
    if (isStateError) this.#close('FAILED', { error: name, cause: message });
    else this.#close('FAILED', { error: 'States.Runtime', cause: error instanceof Error ? (error.stack ?? message) : message });
  }

  abort(error?: string, cause?: string): void {
    this.#close('ABORTED', { error, cause });
  }

  #succeed(output: string): void {
    if (this.status !== 'RUNNING') return;
    if (exceedsPayloadLimit(output)) {
      this.fail(
        new FatalError(
          'States.DataLimitExceeded',
          'The execution returned a result with a size exceeding the maximum number of bytes service limit.',
        ),
      );
      return;
    }
    this.output = output;
    this.#close('SUCCEEDED', {});
  }

  #failAtEventLimit(): void {
    const { maxHistoryEvents = MAX_HISTORY_EVENTS } = this.options;
    this.fail(new FatalError('States.Runtime', `The execution reached the maximum number of history events (${maxHistoryEvents}).`));
  }

  #close(status: Exclude<ExecutionStatus, 'RUNNING'>, { error, cause }: { error?: string | undefined; cause?: string | undefined }): void {
    if (this.status !== 'RUNNING') return;
    this.status = status;
    this.stopMs = this.options.now();
    this.error = error;
    this.cause = cause === '' ? undefined : cause;
    const reason = { ...(this.error !== undefined && { error: this.error }), ...(this.cause !== undefined && { cause: this.cause }) };
    if (status === 'SUCCEEDED') {
      const details = { output: this.output, outputDetails: { truncated: false } };
      this.history.close(this.#thread, 'ExecutionSucceeded', ['executionSucceeded', details]);
    } else {
      const [type, member] = closingEvents[status];
      this.history.close(this.#thread, type, [member, reason]);
    }
    this.#controller.abort();
    this.#resolveClosed();
    this.options.onClose();
  }
}

const closingEvents = {
  FAILED: ['ExecutionFailed', 'executionFailed'],
  TIMED_OUT: ['ExecutionTimedOut', 'executionTimedOut'],
  ABORTED: ['ExecutionAborted', 'executionAborted'],
} as const;

/** `$$.Execution` and `$$.StateMachine`. */
export type ExecutionContext = ReturnType<typeof contextOf>;

function contextOf({ machine, arn, name, input }: ExecutionOptions, startMs: number) {
  return {
    Execution: {
      Id: arn,
      Input: JSON.parse(input) as unknown,
      Name: name,
      RoleArn: machine.roleArn,
      StartTime: new Date(startMs).toISOString(),
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
  };
}
