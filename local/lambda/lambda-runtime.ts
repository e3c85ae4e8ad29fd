import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { JsonService, ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { FunctionPool } from './function-pool.ts';
import type { FunctionSpec } from './function-spec.ts';
import type { Outcome } from './function-worker.ts';
import type { ErrorPayload } from './worker-protocol.ts';

/** Of a synchronous request and of its response. Source: Lambda quotas (6 MB). */
export const MAX_SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Of an asynchronous request. Source: Lambda quotas (1 MB). */
const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;

export interface LambdaRuntimeOptions {
  readonly functions: readonly FunctionSpec[];
  /** `AWS_ENDPOINT_URL` of the functions. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** Every line a function writes. */
  readonly onLog?: (functionName: string, line: string) => void;
  /** Told of every invocation that has ended, however it ended. */
  readonly onInvoked?: (invocation: Invocation) => void;
}

export interface Invocation {
  readonly functionName: string;
  readonly durationMs: number;
  readonly failed: boolean;
}

/** What a synchronous invocation answers; `payload` is the parsed JSON. */
export type InvokeResult =
  | { readonly payload: unknown; readonly functionError?: undefined }
  | { readonly functionError: 'Unhandled'; readonly payload: ErrorPayload };

/** Lambda: the bundles of the template in worker threads, with the template's environment, memory and timeout. */
export class LambdaRuntime implements JsonService {
  readonly protocol = 'rest-json';
  readonly #pools = new Map<string, FunctionPool>();
  readonly #options: LambdaRuntimeOptions;

  constructor(options: LambdaRuntimeOptions) {
    this.#options = options;
    const { endpoint, region, onLog } = options;
    for (const spec of options.functions) {
      this.#pools.set(spec.name, new FunctionPool(spec, { endpoint, region, onLog: (line) => onLog?.(spec.name, line) }));
    }
  }

  /** Runs a function and answers its result or its error. @throws {AwsError} ResourceNotFoundException, RequestTooLargeException; the signal's reason */
  async invoke(nameOrArn: string, payload: unknown, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<InvokeResult> {
    const outcome = await this.#invokeText(this.#pool(nameOrArn), JSON.stringify(payload) ?? 'null', signal);
    if ('error' in outcome) return { functionError: 'Unhandled', payload: outcome.error };
    return { payload: JSON.parse(outcome.payload) };
  }

  /** Ends every thread, also those in the middle of an invocation. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  async handle({ method, path, headers, body }: ServiceRequest): Promise<ServiceResponse> {
    if (method === 'GET' && /^\/2015-03-31\/functions\/?$/.test(path)) {
      return { body: { Functions: [...this.#pools.values()].map(({ spec }) => describe(spec)) } };
    }
    const [, name, action] = /^\/2015-03-31\/functions\/([^/]+)(\/invocations)?$/.exec(path) ?? [];
    if (name !== undefined && action === undefined && method === 'GET') {
      return { body: { Configuration: describe(this.#pool(decodeURIComponent(name)).spec) } };
    }
    if (name === undefined || method !== 'POST') {
      throw new AwsError('UnknownOperationException', `Lambda's ${method} ${path} has no stand-in here (docs/parity.md)`, { status: 404 });
    }
    return await this.#answerInvoke(this.#pool(decodeURIComponent(name)), headers, body);
  }

  async #answerInvoke(pool: FunctionPool, headers: ServiceRequest['headers'], body: Buffer): Promise<ServiceResponse> {
    const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
    const text = body.toString('utf8') || '{}';
    assertJson(text);
    const executed = { 'x-amz-executed-version': '$LATEST' };
    if (type === 'DryRun') return { status: 204 };
    if (type === 'Event') {
      assertSize(text, MAX_ASYNC_PAYLOAD_BYTES);
      // Its caller has gone; what the function says about the failure is in its log.
      this.#invokeText(pool, text).then(
        (outcome) => 'error' in outcome && this.#options.onLog?.(pool.spec.name, JSON.stringify(outcome.error)),
        (error: unknown) => this.#options.onLog?.(pool.spec.name, String(error)),
      );
      return { status: 202 };
    }
    if (type !== 'RequestResponse')
      throw new AwsError('InvalidParameterValueException', `the invocation type is "${type}"; expected RequestResponse, Event or DryRun`);
    const outcome = await this.#invokeText(pool, text);
    if ('error' in outcome) return { headers: { ...executed, 'x-amz-function-error': 'Unhandled' }, body: outcome.error };
    return { headers: executed, body: Buffer.from(outcome.payload) };
  }

  async #invokeText(pool: FunctionPool, text: string, signal?: AbortSignal) {
    assertSize(text, MAX_SYNC_PAYLOAD_BYTES);
    const startedMs = performance.now();
    const outcome = withinSize(await pool.invoke(text, randomUUID(), signal));
    this.#options.onInvoked?.({ functionName: pool.spec.name, durationMs: performance.now() - startedMs, failed: 'error' in outcome });
    return outcome;
  }

  #pool(nameOrArn: string): FunctionPool {
    const { region, accountId } = this.#options;
    // A name, `ACCOUNT:function:NAME` or an ARN, each with a version or alias behind it.
    const [, name = '', qualifier] = /^(?:arn:aws:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?([^:]+)(?::([^:]+))?$/.exec(nameOrArn) ?? [];
    const pool = this.#pools.get(name);
    if (pool !== undefined) return pool;
    const arn = `arn:aws:lambda:${region}:${accountId}:function:${name || nameOrArn}${qualifier === undefined ? '' : `:${qualifier}`}`;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, { status: 404, members: { Type: 'User' } });
  }
}

function withinSize(outcome: Outcome): Outcome {
  if ('error' in outcome || Buffer.byteLength(outcome.payload) <= MAX_SYNC_PAYLOAD_BYTES) return outcome;
  const errorMessage = `Response payload size (${Buffer.byteLength(outcome.payload)} bytes) exceeded maximum allowed payload size (${MAX_SYNC_PAYLOAD_BYTES} bytes).`;
  return { error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
}

function describe({ name, arn, handler, timeoutSeconds, memoryMb, environment }: FunctionSpec) {
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: 'nodejs24.x',
    Handler: handler,
    Timeout: timeoutSeconds,
    MemorySize: memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    Architectures: ['arm64'],
    Environment: { Variables: environment },
  };
}

function assertSize(text: string, limit: number): void {
  const size = Buffer.byteLength(text);
  if (size <= limit) return;
  throw new AwsError(
    'RequestTooLargeException',
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation, found ${size}`,
    { status: 413 },
  );
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${(cause as Error).message}`, { cause });
  }
}
