import { AwsError } from '../gateway/aws-error.ts';
import { type JsonService, operationOf, type ServiceRequest, type ServiceResponse } from '../gateway/service.ts';
import { checkDefinition } from './asl-check.ts';
import type { StatesBlock } from './definition.ts';
import { describeExecution, type ExecutionDescription } from './describe-execution.ts';
import type { Machine } from './execution.ts';
import { Executions } from './executions.ts';
import { withoutData } from './history.ts';
import { checkMachineArn } from './names.ts';
import { page } from './paging.ts';
import { prepareDefinition } from './prepare-definition.ts';
import { findHandler, type TaskHandlers } from './task.ts';

export interface MachineSpec {
  readonly name: string;
  readonly arn: string;
  /** The parsed ASL, substitutions already made. */
  readonly definition: unknown;
  readonly roleArn: string;
}

export interface StepFunctionsOptions {
  readonly machines: readonly MachineSpec[];
  readonly tasks: TaskHandlers;
  readonly region: string;
  readonly accountId: string;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** Replaces the interval of every retrier; for tests. @default the definition's */
  readonly retryDelayMs?: number;
  /** @default 25,000, the service's */
  readonly maxHistoryEvents?: number;
}

type Body = Readonly<Record<string, unknown>>;

/** Step Functions, standard machines only. Definitions run on `aws-local-stepfunctions`; executions are kept in memory. */
export class StepFunctions implements JsonService {
  readonly protocol = 'json-1.0';
  readonly #machines = new Map<string, Machine>();
  readonly #executions: Executions;
  readonly #listeners = new Set<(execution: ExecutionDescription) => void>();
  readonly #createdMs: number;

  /** @throws {DefinitionError} when a definition asks for what cannot be run here */
  constructor({ machines, tasks, region, accountId, clock = Date.now, retryDelayMs, maxHistoryEvents }: StepFunctionsOptions) {
    this.#createdMs = clock();
    for (const { name, arn, definition, roleArn } of machines) {
      checkDefinition(name, definition, { hasHandler: (resource) => findHandler(tasks, resource) !== undefined });
      const block = definition as StatesBlock;
      this.#machines.set(arn, { name, arn, roleArn, definition: block, prepared: prepareDefinition(block) });
    }
    const onStatus = (execution: Parameters<typeof describeExecution>[0]) => this.#announce(describeExecution(execution));
    this.#executions = new Executions({ tasks, region, accountId, now: clock, retryDelayMs, maxHistoryEvents, onStatus });
  }

  /** As the API, in process; `input` is a value, not text. @throws {AwsError} */
  startExecution({ stateMachineArn, name, input = {} }: { stateMachineArn: string; name?: string; input?: unknown }): ExecutionDescription {
    return describeExecution(this.#executions.start(this.#machine(stateMachineArn), { name, input: JSON.stringify(input) }));
  }

  /** @throws {AwsError} InvalidArn, ExecutionDoesNotExist */
  describeExecution(executionArn: string): ExecutionDescription {
    return describeExecution(this.#executions.get(executionArn));
  }

  stopExecution(executionArn: string, { error, cause }: { error?: string; cause?: string } = {}): void {
    this.#executions.get(executionArn).abort(error, cause);
  }

  /** Resolves when the execution has ended, however it ended. Rejects with the signal's reason when it is aborted first. */
  async waitForExecution(executionArn: string, signal?: AbortSignal): Promise<ExecutionDescription> {
    const execution = this.#executions.get(executionArn);
    signal?.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([execution.closed, aborted]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    return describeExecution(execution);
  }

  /** Called when an execution starts and when it ends. Returns the function that takes the listener off. */
  onExecution(listener: (execution: ExecutionDescription) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Aborts what still runs and tells its tasks to stop. */
  close(): void {
    for (const execution of this.#executions.list()) execution.abort('Stopped', 'the local stack was stopped');
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const operation = operationOf(request);
    const body = parseBody(request);
    return { body: this.#answer(operation, body) };
  }

  #answer(operation: string, body: Body): unknown {
    switch (operation) {
      case 'ListStateMachines': {
        const all = [...this.#machines.values()].map(({ name, arn }) => ({
          name,
          stateMachineArn: arn,
          type: 'STANDARD',
          creationDate: this.#createdMs / 1000,
        }));
        const { items, nextToken } = page(all, body);
        return { stateMachines: items, nextToken };
      }
      case 'DescribeStateMachine': {
        const { name, arn, roleArn, definition } = this.#machine(body.stateMachineArn);
        const created = { creationDate: this.#createdMs / 1000, status: 'ACTIVE', type: 'STANDARD' };
        return { name, stateMachineArn: arn, roleArn, definition: JSON.stringify(definition), ...created };
      }
      case 'StartExecution': {
        const { options, startMs } = this.#executions.start(this.#machine(body.stateMachineArn), body);
        return { executionArn: options.arn, startDate: startMs / 1000 };
      }
      case 'DescribeExecution':
        return describeExecution(this.#executions.get(body.executionArn), { includeData: body.includedData !== 'METADATA_ONLY' });
      case 'StopExecution': {
        const execution = this.#executions.get(body.executionArn);
        execution.abort(body.error as string | undefined, body.cause as string | undefined);
        return { stopDate: (execution.stopMs ?? 0) / 1000 };
      }
      case 'GetExecutionHistory':
        return this.#history(body);
      case 'ListExecutions':
        return this.#list(body);
      default:
        throw new AwsError(
          'UnknownOperationException',
          `Step Functions' ${operation || 'request without X-Amz-Target'} has no stand-in here (docs/parity.md)`,
        );
    }
  }

  #history({ executionArn, reverseOrder, includeExecutionData = true, ...paging }: Body) {
    const { events } = this.#executions.get(executionArn).history;
    const { items, nextToken } = page(reverseOrder === true ? events.toReversed() : events, paging);
    return { events: includeExecutionData === false ? items.map(withoutData) : items, nextToken };
  }

  #list({ stateMachineArn, statusFilter, mapRunArn, redriveFilter, ...paging }: Body) {
    if (mapRunArn !== undefined || redriveFilter !== undefined) {
      throw new AwsError('ValidationException', 'mapRunArn and redriveFilter have no stand-in here; list by stateMachineArn');
    }
    const { arn } = this.#machine(stateMachineArn);
    const matching = this.#executions
      .list()
      .filter(({ options, status }) => options.machine.arn === arn && (statusFilter ?? status) === status);
    const { items, nextToken } = page(matching, paging);
    const executions = items.map((execution) => {
      const { executionArn, name, status, startDate, stopDate, redriveCount } = describeExecution(execution, { includeData: false });
      return { executionArn, stateMachineArn: arn, name, status, startDate, stopDate, redriveCount };
    });
    return { executions, nextToken };
  }

  #machine(arn: unknown): Machine {
    checkMachineArn(arn);
    const machine = this.#machines.get(arn);
    if (machine === undefined) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  #announce(description: ExecutionDescription): void {
    for (const listener of this.#listeners) listener(description);
  }
}

function parseBody({ body }: ServiceRequest): Body {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof parsed === 'object' && parsed !== null) return parsed as Body;
  } catch {
    // Answered below, like any other body that is no object.
  }
  throw new AwsError('SerializationException', 'the request body is no JSON object');
}
