import { randomUUID } from 'node:crypto';
import { type Context, createContext, Script } from 'node:vm';
import { type Answer, errorAnswer } from './answer.ts';
import { asList, asProperties, asString, assertKnownKeys, type Properties } from './config-keys.ts';
import { type EventRecord, toEvent, toQuery, toValues } from './edge-event.ts';
import { UnsupportedDistributionError } from './errors.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** CloudFront's limit on the code. */
const MAX_CODE_BYTES = 10 * 1024;
/** Far above what CloudFront allows (about a millisecond), so that only a loop without end meets it on a busy laptop. */
const TIMEOUT_MS = 1000;

const INVOKE = new Script(
  `__outcome = undefined;
  Promise.resolve().then(() => handler(JSON.parse(__event))).then(
    (value) => { __outcome = JSON.stringify({ value }); },
    (error) => { __outcome = JSON.stringify({ error: String((error && error.message) || error) }); },
  );`,
  { filename: 'invoke' },
);

/**
 * An `AWS::CloudFront::Function` for viewer requests, runtime cloudfront-js-2.0: compiled once, in a context that has the language
 * and nothing else: no network, no files, no timers, no eval. Only JSON text crosses its border.
 */
export class EdgeFunction {
  readonly #name: string;
  readonly #context: Context & { __event?: string; __outcome?: unknown };

  /** @throws {UnsupportedDistributionError} for another runtime, a key-value store, or code that does not compile */
  constructor(properties: Properties) {
    assertKnownKeys('AWS::CloudFront::Function', properties, {
      understood: ['Name', 'FunctionCode', 'FunctionConfig'],
      noEffect: ['AutoPublish', 'FunctionMetadata', 'Tags'],
    });
    this.#name = asString('Function.Name', properties.Name);
    const config = asProperties('FunctionConfig', properties.FunctionConfig);
    assertKnownKeys('FunctionConfig', config, { understood: ['Runtime'], noEffect: ['Comment'] });
    if (config.Runtime !== 'cloudfront-js-2.0' || asList(config.KeyValueStoreAssociations).length > 0) {
      throw new UnsupportedDistributionError(`the runtime ${config.Runtime} of ${this.#name}`, 'only cloudfront-js-2.0 runs here');
    }
    const code = asString('FunctionCode', properties.FunctionCode);
    if (Buffer.byteLength(code) > MAX_CODE_BYTES) {
      const advice = `CloudFront takes at most ${MAX_CODE_BYTES} bytes`;
      throw new UnsupportedDistributionError(`the code of ${this.#name} has ${Buffer.byteLength(code)} bytes`, advice);
    }
    this.#context = createContext(Object.create(null), {
      codeGeneration: { strings: false, wasm: false },
      microtaskMode: 'afterEvaluate',
    });
    try {
      // What a function logs goes to CloudWatch in the cloud; here it is dropped.
      new Script('const console = { log() {}, error() {} }; var __event, __outcome;').runInContext(this.#context);
      new Script(code, { filename: this.#name }).runInContext(this.#context, { timeout: TIMEOUT_MS });
      new Script('if (typeof handler !== "function") throw new Error("it defines no function handler(event)");').runInContext(
        this.#context,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String((error as { message?: unknown }).message ?? error);
      throw new UnsupportedDistributionError(`the code of ${this.#name} does not run (${reason})`, 'mend it, or leave modules out of it');
    }
  }

  /** The request to go on with, or the answer the function gives instead. A function that fails answers 503, as at the edge. */
  run(request: ViewerRequest): { request: ViewerRequest } | { answer: Answer } {
    try {
      this.#context.__event = JSON.stringify(toEvent(request, randomUUID()));
      INVOKE.runInContext(this.#context, { timeout: TIMEOUT_MS });
      const outcome = typeof this.#context.__outcome === 'string' ? JSON.parse(this.#context.__outcome) : { error: 'it did not answer' };
      if (outcome.error !== undefined) throw new Error(outcome.error);
      return this.#read(outcome.value, request);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String((error as { message?: unknown }).message ?? error);
      const answer = errorAnswer(503, `The CloudFront function ${this.#name} is invalid or could not run: ${reason}`);
      answer.headers['x-cache'] = 'FunctionExecutionError from cloudfront';
      return { answer };
    }
  }

  #read(value: EventRecord | undefined, before: ViewerRequest): { request: ViewerRequest } | { answer: Answer } {
    if (value?.statusCode !== undefined) return { answer: toAnswer(value) };
    if (typeof value?.uri !== 'string' || !value.uri.startsWith('/')) {
      throw new Error(
        `it returned ${JSON.stringify(value)?.slice(0, 200)}; a request with a uri or a response with a statusCode was expected`,
      );
    }
    if (value.method !== before.method) throw new Error(`it changed the method from ${before.method} to ${value.method}`);
    const headers = Object.fromEntries(
      Object.entries(toValues(value.headers)).map(([name, values]) => [name.toLowerCase(), values.join(', ')]),
    );
    const cookies = Object.entries(toValues(value.cookies)).flatMap(([name, values]) => values.map((item) => `${name}=${item}`));
    return { request: { ...before, uri: value.uri, query: toQuery(value.querystring), headers, cookies } };
  }
}

function toAnswer({ statusCode, headers, cookies, body }: EventRecord): Answer {
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new Error(`it returned the status ${JSON.stringify(statusCode)}`);
  const text = typeof body === 'object' && body !== null ? (body as { data?: unknown }).data : body;
  const encoding = (body as { encoding?: unknown } | undefined)?.encoding === 'base64' ? 'base64' : 'utf8';
  const lowerCase = Object.entries(toValues(headers)).map(([name, values]) => [name.toLowerCase(), values]);
  const answer: Answer = {
    status,
    headers: Object.fromEntries(lowerCase),
    body: text === undefined ? undefined : Buffer.from(String(text), encoding),
  };
  const setCookies = Object.entries(cookies ?? {}).map(([name, { value, attributes }]) =>
    attributes === undefined ? `${name}=${value}` : `${name}=${value}; ${attributes}`,
  );
  if (setCookies.length > 0) answer.headers['set-cookie'] = setCookies;
  answer.headers['x-cache'] = 'FunctionGeneratedResponse from cloudfront';
  return answer;
}
