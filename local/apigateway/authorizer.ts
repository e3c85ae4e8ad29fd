import { UnsupportedApiError } from './errors.ts';
import { assertKnown, assertOneOf, type Properties } from './properties.ts';
import type { RequestEvent } from './request-event.ts';

export type Invoke = (functionArn: string, event: unknown, signal: AbortSignal) => Promise<unknown>;

export type Verdict =
  | { readonly allowed: true; readonly context: Readonly<Record<string, unknown>> }
  | { readonly allowed: false; readonly status: 401 | 403 };

/** A Lambda authorizer of type REQUEST, payload format 2.0, with simple responses. Answers are remembered by identity for its time. */
export class Authorizer {
  readonly #functionArn: string;
  readonly #sources: readonly string[];
  readonly #ttlMs: number;
  readonly #cache = new Map<string, { readonly verdict: Verdict; readonly until: number }>();

  /** @throws {UnsupportedApiError} for JWT and for IAM policies as answers */
  constructor(id: string, properties: Properties) {
    const where = `the authorizer ${id}`;
    assertKnown(where, properties, {
      understood: [
        ...['ApiId', 'AuthorizerType', 'AuthorizerUri', 'IdentitySource', 'AuthorizerPayloadFormatVersion', 'EnableSimpleResponses'],
        'AuthorizerResultTtlInSeconds',
      ],
      noEffect: ['Name', 'AuthorizerCredentialsArn'],
    });
    assertOneOf(`${where}.AuthorizerType`, properties.AuthorizerType, ['REQUEST']);
    assertOneOf(`${where}.AuthorizerPayloadFormatVersion`, properties.AuthorizerPayloadFormatVersion, ['2.0']);
    assertOneOf(`${where}.EnableSimpleResponses`, properties.EnableSimpleResponses, [true, 'true']);
    this.#functionArn = functionArnOf(where, properties.AuthorizerUri);
    this.#sources = (properties.IdentitySource ?? []) as readonly string[];
    const foreign = this.#sources.find((source) => !source.startsWith('$request.header.'));
    if (foreign !== undefined)
      throw new UnsupportedApiError(`${where}.IdentitySource has ${foreign}`, 'only $request.header.<name> is read here');
    this.#ttlMs = Number(properties.AuthorizerResultTtlInSeconds ?? 300) * 1000;
  }

  /** Without every identity source there is nothing to ask: 401, and the function is not invoked. Throws what the function threw. */
  async authorize(event: RequestEvent, routeArn: string, invoke: Invoke, signal: AbortSignal): Promise<Verdict> {
    const identity = this.#sources.map((source) => event.headers[source.slice('$request.header.'.length).toLowerCase()]);
    if (identity.some((value) => value === undefined || value === '')) return { allowed: false, status: 401 };
    const key = JSON.stringify(identity);
    const known = this.#cache.get(key);
    if (known !== undefined && known.until > Date.now()) return known.verdict;
    const { body: _, isBase64Encoded: _encoded, ...rest } = event;
    const verdict = verdictOf(await invoke(this.#functionArn, { ...rest, type: 'REQUEST', routeArn, identitySource: identity }, signal));
    if (this.#ttlMs > 0 && identity.length > 0) this.#cache.set(key, { verdict, until: Date.now() + this.#ttlMs });
    return verdict;
  }
}

/** The function in `arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/<arn>/invocations`, or the ARN itself. */
export function functionArnOf(where: string, uri: unknown): string {
  const text = String(uri);
  const arn = /\/functions\/(arn:[^/]+)\/invocations$/.exec(text)?.[1] ?? text;
  if (/^arn:aws:lambda:[^:]+:\d+:function:[\w-]+$/.test(arn)) return arn;
  throw new UnsupportedApiError(`${where} names ${text.slice(0, 200)}`, 'the ARN of a function of the template was expected');
}

function verdictOf(answer: unknown): Verdict {
  const { isAuthorized, context } = (answer ?? {}) as { isAuthorized?: unknown; context?: Record<string, unknown> };
  if (typeof isAuthorized !== 'boolean')
    throw new Error(`the authorizer answered ${JSON.stringify(answer)?.slice(0, 200)}; expected {isAuthorized: boolean}`);
  return isAuthorized ? { allowed: true, context: context ?? {} } : { allowed: false, status: 403 };
}
