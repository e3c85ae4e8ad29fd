import { parentPort, workerData } from 'node:worker_threads';
import type { ErrorPayload, InvokeMessage, WorkerMessage, WorkerStart } from './worker-protocol.ts';

// The Lambda runtime's side of a worker thread: loads the bundle once, then answers one invocation after the other.

type Handler = (event: unknown, context: unknown) => unknown;

const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread only; start it through LambdaRuntime');
const post = (message: WorkerMessage) => port.postMessage(message);

const { bundle, handler } = workerData as WorkerStart;
try {
  const invoke = await load(bundle, handler);
  port.on('message', (message: InvokeMessage) => void answer(invoke, message));
  post({ kind: 'ready' });
} catch (error) {
  post({ kind: 'init-failed', error: initError(error) });
}

async function load(url: string, name: string): Promise<Handler> {
  const exports = (await import(url)) as Record<string, unknown>;
  const found = exports[name] ?? (exports.default as Record<string, unknown> | undefined)?.[name];
  if (typeof found !== 'function')
    throw Object.assign(new Error(`index.${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  return found as Handler;
}

async function answer(invoke: Handler, { event, deadlineMs, requestId, context }: InvokeMessage): Promise<void> {
  try {
    const result = await invoke(JSON.parse(event), {
      ...context,
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
    });
    post({ kind: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    post({ kind: 'failed', error: errorPayload(error) });
  }
}

function errorPayload(error: unknown): ErrorPayload {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

function initError(error: unknown): ErrorPayload {
  const payload = errorPayload(error);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
    return { ...payload, errorType: 'Runtime.ImportModuleError', errorMessage: `Error: ${payload.errorMessage}` };
  if (error instanceof SyntaxError)
    return { ...payload, errorType: 'Runtime.UserCodeSyntaxError', errorMessage: `SyntaxError: ${payload.errorMessage}` };
  return payload;
}
