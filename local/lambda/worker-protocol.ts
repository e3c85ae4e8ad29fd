/** What a worker is started with. */
export interface WorkerStart {
  /** File URL of the bundle. */
  readonly bundle: string;
  /** The exported function's name. */
  readonly handler: string;
}

/** One invocation, sent to the worker. */
export interface InvokeMessage {
  readonly requestId: string;
  /** JSON text. */
  readonly event: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly context: {
    readonly functionName: string;
    readonly functionVersion: string;
    readonly invokedFunctionArn: string;
    readonly memoryLimitInMB: string;
    readonly logGroupName: string;
    readonly logStreamName: string;
  };
}

/** A function error, as the runtime reports it. */
export interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-failed'; readonly error: ErrorPayload }
  | { readonly kind: 'result' /** JSON text */; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: ErrorPayload };
