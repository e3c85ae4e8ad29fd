/** What a task handler knows about the attempt it answers. */
export interface TaskContext {
  /** Aborted when the task times out, its execution stops, or a sibling branch fails. */
  readonly signal: AbortSignal;
  readonly executionArn: string;
  readonly stateName: string;
  /** The state's `Resource`, for handlers that serve a pattern. */
  readonly resource: string;
  /** Records `TaskSubmitted` with the first answer of a `.sync` integration. */
  submitted(response: unknown): void;
}

/**
 * Answers one attempt of a Task with the envelope the service integration returns, such as `{ StatusCode, Payload, … }` for `lambda:invoke`.
 * Fails with `TaskError`; any other error is taken for a defect of the stand-in and ends the execution with `States.Runtime`.
 */
export type TaskHandler = (parameters: unknown, context: TaskContext) => Promise<unknown>;

/** Handlers by `Resource`: exact (`arn:aws:states:::sns:publish`) or ending in `*`; exact wins, then the longest pattern. */
export type TaskHandlers = Readonly<Record<string, TaskHandler>>;

/** A failure that `Retry` and `Catch` match by `name`. */
export class TaskError extends Error {
  /** @param error the name matched by `ErrorEquals`, such as `RdsData.DatabaseResumingException` */
  constructor(error: string, cause = '', options?: ErrorOptions) {
    super(cause, options);
    this.name = error;
  }
}

export function findHandler(handlers: TaskHandlers, resource: string): TaskHandler | undefined {
  const exact = handlers[resource];
  if (exact !== undefined) return exact;
  const pattern = Object.keys(handlers)
    .filter((key) => key.endsWith('*') && resource.startsWith(key.slice(0, -1)))
    .sort((a, b) => b.length - a.length)[0];
  return pattern === undefined ? undefined : handlers[pattern];
}

/** `arn:aws:states:::aws-sdk:rdsdata:executeStatement` → `aws-sdk:rdsdata`, `executeStatement`, as the history names them. */
export function parseResource(resource: string): { resourceType: string; resource: string } {
  const integration = resource.replace(/^arn:aws:states:[^:]*:[^:]*:/, '');
  const [, resourceType = '', action = integration] = /^(aws-sdk:[^:]+|[^:]+):(.+)$/.exec(integration) ?? [];
  return { resourceType, resource: action };
}
