import { randomUUID } from 'node:crypto';
import { type Context, createContext, Script } from 'node:vm';
import { type Answer, errorAnswer } from './answer.ts';
import { asList, asProperties, asString, assertKnownKeys, type Properties } from './config-keys.ts';
import { type EventRecord, toEvent, toQuery, toResponseEvent, toValues } from './edge-event.ts';
import { CLOUDFRONT_MODULE, type EdgeStore, withoutCloudFrontImport } from './edge-store.ts';
import { UnsupportedDistributionError } from './errors.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** CloudFront's limit on the code. */
const MAX_CODE_BYTES = 10 * 1024;
/** Far above what CloudFront allows (about a millisecond), so that only a loop without end meets it on a busy laptop. */
const TIMEOUT_MS = 1000;

/** `x-cache` of what a function answered itself. */
export const GENERATED = 'FunctionGeneratedResponse from cloudfront';

const INVOKE = new Script(
  `__outcome = undefined; __selected = undefined;
  Promise.resolve().then(() => handler(JSON.parse(__event))).then(
    (value) => { __outcome = JSON.stringify({ value, originId: __selected }); },
    (error) => { __outcome = JSON.stringify({ error: String((error && error.message) || error) }); },
  );`,
  { filename: 'invoke' },
);

interface Outcome {
  readonly value?: EventRecord;
  /** What `selectRequestOriginById` was called with. */
  readonly originId?: string;
}

/** The request to go on with, to another origin if the function selected one, or the answer the function gives instead. */
export type EdgeOutcome = { readonly request: ViewerRequest; readonly originId: string | undefined } | { readonly answer: Answer };

/**
 * An `AWS::CloudFront::Function`, runtime cloudfront-js-2.0: compiled once, in a context that has the language, the runtime's module
 * `cloudfront` and nothing else: no network, no files, no timers, no eval. Only JSON text and keys of the store cross its border.
 */
export class EdgeFunction {
  readonly #name: string;
  readonly #context: Context & { __event?: string; __outcome?: unknown };

  /** @throws {UnsupportedDistributionError} for another runtime, a store that `stores` does not have, or code that does not compile */
  constructor(properties: Properties, stores: ReadonlyMap<string, EdgeStore> = new Map()) {
    assertKnownKeys('AWS::CloudFront::Function', properties, {
      understood: ['Name', 'FunctionCode', 'FunctionConfig'],
      noEffect: ['AutoPublish', 'FunctionMetadata', 'Tags'],
    });
    this.#name = asString('Function.Name', properties.Name);
    const config = asProperties('FunctionConfig', properties.FunctionConfig);
    assertKnownKeys('FunctionConfig', config, { understood: ['Runtime', 'KeyValueStoreAssociations'], noEffect: ['Comment'] });
    if (config.Runtime !== 'cloudfront-js-2.0') {
      throw new UnsupportedDistributionError(`the runtime ${config.Runtime} of ${this.#name}`, 'only cloudfront-js-2.0 runs here');
    }
    const code = asString('FunctionCode', properties.FunctionCode);
    if (Buffer.byteLength(code) > MAX_CODE_BYTES) {
      const advice = `CloudFront takes at most ${MAX_CODE_BYTES} bytes`;
      throw new UnsupportedDistributionError(`the code of ${this.#name} has ${Buffer.byteLength(code)} bytes`, advice);
    }
    const store = this.#storeOf(config, stores);
    this.#context = createContext(Object.create(null), {
      codeGeneration: { strings: false, wasm: false },
      microtaskMode: 'afterEvaluate',
    });
    try {
      // What a function logs goes to CloudWatch in the cloud; here it is dropped.
      this.#context.__read = store && ((key: unknown) => store.get(String(key)));
      new Script(`const console = { log() {}, error() {} }; var __event, __outcome; ${CLOUDFRONT_MODULE}`).runInContext(this.#context);
      new Script(withoutCloudFrontImport(code), { filename: this.#name }).runInContext(this.#context, { timeout: TIMEOUT_MS });
      new Script('if (typeof handler !== "function") throw new Error("it defines no function handler(event)");').runInContext(
        this.#context,
      );
    } catch (error) {
      throw new UnsupportedDistributionError(
        `the code of ${this.#name} does not run (${messageOf(error)})`,
        'mend it, or leave modules out of it',
      );
    }
  }

  /** Runs it on a viewer's request. A function that fails answers 503, as at the edge. */
  run(request: ViewerRequest): EdgeOutcome {
    try {
      const { value, originId } = this.#invoke(toEvent(request, randomUUID()));
      if (value?.statusCode !== undefined) return { answer: toAnswer(value) };
      return { request: readRequest(value, request), originId };
    } catch (error) {
      return { answer: this.#failed(error) };
    }
  }

  /** Runs it on what is about to be sent. It may change headers and cookies; the status stays. */
  respond(request: ViewerRequest, answer: Answer): Answer {
    try {
      const { value } = this.#invoke(toResponseEvent(request, answer, randomUUID()));
      if (value?.statusCode !== answer.status) {
        throw new Error(
          `it returned the status ${JSON.stringify(value?.statusCode)} for ${answer.status}; only headers can be changed here`,
        );
      }
      return { ...answer, headers: readHeaders(value) };
    } catch (error) {
      if (answer.body !== undefined && !Buffer.isBuffer(answer.body)) answer.body.destroy();
      return this.#failed(error);
    }
  }

  #storeOf(config: Properties, stores: ReadonlyMap<string, EdgeStore>): EdgeStore | undefined {
    const [association, ...others] = asList(config.KeyValueStoreAssociations);
    if (association === undefined) return undefined;
    const arn = asString('KeyValueStoreARN', asProperties('KeyValueStoreAssociations[]', association).KeyValueStoreARN);
    const store = stores.get(arn);
    if (store !== undefined && others.length === 0) return store;
    throw new UnsupportedDistributionError(
      `${this.#name} reads the key-value store ${arn}${others.length > 0 ? ` and ${others.length} more` : ''}`,
      'a function has one store, and it is in the template',
    );
  }

  #invoke(event: object): Outcome {
    this.#context.__event = JSON.stringify(event);
    INVOKE.runInContext(this.#context, { timeout: TIMEOUT_MS });
    const { __outcome: text } = this.#context;
    const outcome: Outcome & { error?: string } = typeof text === 'string' ? JSON.parse(text) : { error: 'it did not answer' };
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome;
  }

  #failed(error: unknown): Answer {
    const answer = errorAnswer(503, `The CloudFront function ${this.#name} is invalid or could not run: ${messageOf(error)}`);
    answer.headers['x-cache'] = 'FunctionExecutionError from cloudfront';
    return answer;
  }
}

/** What is thrown inside a context is no `Error` of this one. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String((error as { message?: unknown }).message ?? error);
}

function readRequest(value: EventRecord | undefined, before: ViewerRequest): ViewerRequest {
  if (typeof value?.uri !== 'string' || !value.uri.startsWith('/')) {
    const found = JSON.stringify(value)?.slice(0, 200);
    throw new Error(`it returned ${found}; a request with a uri or a response with a statusCode was expected`);
  }
  if (value.method !== before.method) throw new Error(`it changed the method from ${before.method} to ${value.method}`);
  const headers = Object.fromEntries(
    Object.entries(toValues(value.headers)).map(([name, values]) => [name.toLowerCase(), values.join(', ')]),
  );
  const cookies = Object.entries(toValues(value.cookies)).flatMap(([name, values]) => values.map((item) => `${name}=${item}`));
  return { ...before, uri: value.uri, query: toQuery(value.querystring), headers, cookies };
}

function readHeaders({ headers, cookies }: EventRecord): Answer['headers'] {
  const read: Answer['headers'] = {};
  for (const [name, values] of Object.entries(toValues(headers))) {
    const [value, ...others] = values;
    read[name.toLowerCase()] = others.length === 0 && value !== undefined ? value : values;
  }
  const setCookies = Object.entries(cookies ?? {}).map(([name, { value, attributes }]) =>
    attributes === undefined ? `${name}=${value}` : `${name}=${value}; ${attributes}`,
  );
  if (setCookies.length > 0) read['set-cookie'] = setCookies;
  return read;
}

function toAnswer(value: EventRecord): Answer {
  const status = Number(value.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new Error(`it returned the status ${JSON.stringify(value.statusCode)}`);
  const { body } = value;
  const text = typeof body === 'object' && body !== null ? (body as { data?: unknown }).data : body;
  const encoding = (body as { encoding?: unknown } | undefined)?.encoding === 'base64' ? 'base64' : 'utf8';
  return {
    status,
    headers: { ...readHeaders(value), 'x-cache': GENERATED },
    body: text === undefined ? undefined : Buffer.from(String(text), encoding),
  };
}
