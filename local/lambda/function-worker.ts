import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type FunctionSpec, functionEnvironment } from './function-spec.ts';
import type { ErrorPayload, InvokeMessage, WorkerMessage, WorkerStart } from './worker-protocol.ts';

/** How long a bundle may take to load. Source: Lambda's init phase. */
const INIT_TIMEOUT_MS = 10_000;

export interface WorkerOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly onLog: (line: string) => void;
}

/** The outcome of one invocation. */
export type Outcome = { readonly payload: string } | { readonly error: ErrorPayload };

/** One execution environment: a thread with the bundle loaded, which answers one invocation at a time. */
export class FunctionWorker {
  readonly #spec: FunctionSpec;
  readonly #worker: Worker;
  readonly #logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
  /** Undefined until the bundle is loaded, or has failed to load. */
  #ready = false;
  /** Whether the thread can take another invocation. */
  alive = true;
  #waiting: ((message: WorkerMessage | ErrorPayload) => void) | undefined;

  constructor(spec: FunctionSpec, options: WorkerOptions) {
    this.#spec = spec;
    const handler = spec.handler.slice(spec.handler.lastIndexOf('.') + 1);
    const workerData: WorkerStart = { bundle: pathToFileURL(join(spec.codeDir, 'index.mjs')).href, handler };
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      env: functionEnvironment(spec, options),
      argv: [],
      execArgv: ['--no-warnings'],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb, ...youngGeneration(spec) },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) createInterface({ input: stream }).on('line', options.onLog);
    this.#worker.on('message', (message: WorkerMessage) => this.#waiting?.(message));
    this.#worker.on('error', (error: NodeJS.ErrnoException) => this.#died(describeCrash(error)));
    this.#worker.on('exit', (code) =>
      this.#died({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: exit status ${code}` }),
    );
    this.#worker.unref();
  }

  /** Loads the bundle if need be, then runs the handler. An aborted signal ends the thread and rejects with the signal's reason. */
  async invoke(event: string, requestId: string, signal?: AbortSignal): Promise<Outcome> {
    signal?.throwIfAborted();
    const onAbort = () => void this.terminate();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const outcome = (await this.#init(requestId)) ?? (await this.#run(event, requestId));
      signal?.throwIfAborted();
      return outcome;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async terminate(): Promise<void> {
    this.alive = false;
    await this.#worker.terminate();
  }

  /** Undefined when the bundle is loaded. */
  async #init(requestId: string): Promise<Outcome | undefined> {
    if (this.#ready) return undefined;
    const message = await this.#next(INIT_TIMEOUT_MS);
    if (message === 'timeout') return { error: timedOut(requestId, INIT_TIMEOUT_MS / 1000) };
    if (!('kind' in message)) return { error: withRequestId(message, requestId) };
    if (message.kind === 'ready') {
      this.#ready = true;
      return undefined;
    }
    await this.terminate();
    if (message.kind === 'init-failed') return { error: message.error };
    throw new Error(`the worker of ${this.#spec.name} answered "${message.kind}" while it started; expected "ready"`);
  }

  async #run(event: string, requestId: string): Promise<Outcome> {
    const { name, arn, memoryMb, timeoutSeconds } = this.#spec;
    const context = {
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memoryMb),
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: this.#logStreamName,
    };
    const invocation: InvokeMessage = { requestId, event, deadlineMs: Date.now() + timeoutSeconds * 1000, context };
    this.#worker.postMessage(invocation);
    const message = await this.#next(timeoutSeconds * 1000);
    if (message === 'timeout') return { error: timedOut(requestId, timeoutSeconds) };
    if (!('kind' in message)) return { error: withRequestId(message, requestId) };
    if (message.kind === 'result') return { payload: message.payload };
    if (message.kind === 'failed') return { error: message.error };
    throw new Error(`the worker of ${name} answered "${message.kind}" to an invocation; expected "result" or "failed"`);
  }

  /** The worker's next message, or how it died; after the timeout the thread is ended. */
  async #next(timeoutMs: number): Promise<WorkerMessage | ErrorPayload | 'timeout'> {
    const { promise, resolve } = Promise.withResolvers<WorkerMessage | ErrorPayload | 'timeout'>();
    this.#waiting = resolve;
    this.#worker.ref();
    const timer = setTimeout(() => resolve('timeout'), timeoutMs);
    try {
      const message = await promise;
      if (message === 'timeout') await this.terminate();
      return message;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
      this.#worker.unref();
    }
  }

  #died(error: ErrorPayload): void {
    this.alive = false;
    this.#waiting?.(error);
  }
}

/** A thread does not read NODE_OPTIONS of its environment. A young generation is three semi-spaces. */
function youngGeneration({ environment }: FunctionSpec): { maxYoungGenerationSizeMb?: number } {
  const semiSpaceMb = /--max-semi-space-size=(\d+)/.exec(environment.NODE_OPTIONS ?? '')?.[1];
  return semiSpaceMb === undefined ? {} : { maxYoungGenerationSizeMb: 3 * Number(semiSpaceMb) };
}

/** Lambda's words. */
function timedOut(requestId: string, seconds: number): ErrorPayload {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  };
}

function describeCrash(error: NodeJS.ErrnoException): ErrorPayload {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: signal: killed (out of memory)' };
  }
  const { name = 'Error', message = String(error), stack = '' } = error;
  return { errorType: name, errorMessage: message, trace: stack.split('\n') };
}

function withRequestId(error: ErrorPayload, requestId: string): ErrorPayload {
  if (error.errorType !== 'Runtime.ExitError') return error;
  return { ...error, errorMessage: `RequestId: ${requestId} Error: ${error.errorMessage}` };
}
