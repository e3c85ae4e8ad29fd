import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { type Answer, accessDenied, errorAnswer } from './answer.ts';
import { type AskApi, askApi } from './api-origin.ts';
import { compress } from './compression.ts';
import type { Properties } from './config-keys.ts';
import { applyCors, isPreflight } from './cors-settings.ts';
import { type Behavior, type Distribution, parseDistribution } from './distribution.ts';
import { EdgeFunction, GENERATED } from './edge-function.ts';
import type { EdgeStore } from './edge-store.ts';
import { UnsupportedDistributionError } from './errors.ts';
import { askFunction, type InvokeFunction } from './function-origin.ts';
import type { AskHttp } from './http-origin.ts';
import { MANAGED_RESPONSE_HEADERS_POLICIES } from './managed-policies.ts';
import { assertForwardingKnown, forwarded } from './origin-request-policy.ts';
import { applyPolicyHeaders, parseResponseHeadersPolicy, type ResponseHeadersPolicy } from './response-headers-policy.ts';
import { askS3 } from './s3-origin.ts';
import { refuseUnsigned, type TrustedKeys } from './signed-cookies.ts';
import { isForLoopback, parseViewerRequest, type ViewerRequest } from './viewer-request.ts';

/** What stands behind an origin's domain name. */
export type Origin =
  | { readonly kind: 's3'; readonly bucket: string }
  | { readonly kind: 'function'; readonly invoke: InvokeFunction }
  | { readonly kind: 'api'; readonly ask: AskApi }
  | { readonly kind: 'http'; readonly ask: AskHttp };

export interface CloudFrontOptions {
  /** Resolved properties of the `AWS::CloudFront::Distribution`. */
  readonly distribution: Properties;
  /** Resolved properties of each `AWS::CloudFront::ResponseHeadersPolicy`, by the id that behaviours name. AWS's managed ones are known. */
  readonly responseHeadersPolicies?: ReadonlyMap<string, Properties>;
  /** Resolved properties of each `AWS::CloudFront::Function`, by the ARN that behaviours name. */
  readonly functions?: ReadonlyMap<string, Properties>;
  /** What each `AWS::CloudFront::KeyValueStore` holds, by the ARN that functions name. */
  readonly keyValueStores?: ReadonlyMap<string, EdgeStore>;
  /** The keys of each `AWS::CloudFront::KeyGroup`, by the id that behaviours name. */
  readonly keyGroups?: ReadonlyMap<string, TrustedKeys>;
  /** @default the clock */
  readonly nowMs?: () => number;
  /** Called once per origin, at construction. Throws when it does not know the name. */
  readonly origins: (domainName: string) => Origin;
  readonly s3: S3Client;
  /** Told of faults behind a 502: a function that threw, an S3 that did not answer. */
  readonly onError?: (error: unknown) => void;
}

/** The web server that plays a distribution. Nothing is cached: every request asks its origin. */
export class CloudFront {
  readonly #distribution: Distribution;
  readonly #origins: ReadonlyMap<string, Origin>;
  readonly #policies: ReadonlyMap<string, ResponseHeadersPolicy>;
  readonly #functions: ReadonlyMap<string, EdgeFunction>;
  readonly #keyGroups: ReadonlyMap<string, TrustedKeys>;
  readonly #s3: S3Client;
  readonly #nowMs: () => number;
  readonly #onError: (error: unknown) => void;

  /** @throws {UnsupportedDistributionError} for every setting of the template that would be ignored */
  constructor({ responseHeadersPolicies, functions, origins, s3, onError = () => {}, ...options }: CloudFrontOptions) {
    this.#distribution = parseDistribution(options.distribution);
    this.#origins = new Map([...this.#distribution.origins].map(([id, { domainName }]) => [id, origins(domainName)]));
    const policies = [...(responseHeadersPolicies ?? [])].map(([id, policy]) => [id, parseResponseHeadersPolicy(policy)] as const);
    this.#policies = new Map([...MANAGED_RESPONSE_HEADERS_POLICIES, ...policies]);
    this.#functions = new Map(
      [...(functions ?? [])].map(([arn, properties]) => [arn, new EdgeFunction(properties, options.keyValueStores)]),
    );
    this.#keyGroups = options.keyGroups ?? new Map();
    this.#s3 = s3;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#onError = onError;
    for (const behavior of this.#distribution.behaviors) this.#assertComplete(behavior);
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = parseViewerRequest(message);
    if (!isForLoopback(message)) {
      const host = request.headers.host?.slice(0, 200);
      return send(errorAnswer(421, `This server answers for 127.0.0.1, localhost and [::1] only, not for "${host}".`), request, response);
    }
    const abort = new AbortController();
    response.once('close', () => abort.abort());
    const behavior = this.#behaviorFor(request.uri);
    let answer: Answer;
    try {
      answer = await this.#answer(behavior, request, message, abort.signal);
      answer = await this.#withErrorPage(answer, request, message, abort.signal);
      // Not for what failed, and not for what a function answered itself. Source: CloudFront, "Restrictions on all edge functions".
      const responding = this.#functions.get(behavior.viewerResponseArn ?? '');
      if (responding !== undefined && answer.status < 400 && answer.headers['x-cache'] !== GENERATED) {
        answer = responding.respond(request, answer);
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#onError(error);
      answer = errorAnswer(502, `The origin did not answer: ${error instanceof Error ? error.message : String(error)}`);
    }
    const policy = this.#policies.get(behavior.responseHeadersPolicyId ?? '');
    if (policy !== undefined) {
      applyPolicyHeaders(policy, answer.headers);
      if (policy.cors !== undefined) applyCors(policy.cors, request, answer.headers);
    }
    await send(behavior.compress ? compress(answer, request) : answer, request, response);
  }

  async #answer(behavior: Behavior, viewer: ViewerRequest, message: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    if (!behavior.allowedMethods.includes(viewer.method)) {
      return errorAnswer(403, 'This distribution is not configured to allow the HTTP request method that was used for this request.');
    }
    if (behavior.trustedKeyGroups.length > 0) {
      const keys = new Map(behavior.trustedKeyGroups.flatMap((id) => [...(this.#keyGroups.get(id) ?? [])]));
      const refusal = refuseUnsigned(viewer, keys, this.#nowMs());
      if (refusal !== undefined) return refusal;
    }
    const edge = this.#functions.get(behavior.viewerRequestArn ?? '')?.run(viewer);
    if (edge !== undefined && 'answer' in edge) return edge.answer;
    const selected = edge?.originId === undefined ? behavior : { ...behavior, originId: edge.originId };
    return this.#ask(selected, edge?.request ?? viewer, message, signal);
  }

  async #ask(behavior: Behavior, viewer: ViewerRequest, message: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const root = this.#distribution.defaultRootObject;
    const request = viewer.uri === '/' && root !== '' ? { ...viewer, uri: `/${root}` } : viewer;
    const origin = this.#origins.get(behavior.originId);
    const settings = this.#distribution.origins.get(behavior.originId);
    if (origin === undefined || settings === undefined) throw new Error(`the distribution has no origin "${behavior.originId}"`);
    if (origin.kind === 'function') {
      return askFunction(origin.invoke, { request: forwarded(behavior, request), message }, settings, this.#onError);
    }
    if (origin.kind === 'api') return askApi(origin.ask, { request: forwarded(behavior, request), message }, settings);
    if (origin.kind === 'http') return origin.ask({ request: forwarded(behavior, request), message }, settings, signal);
    if (isPreflight(request)) return this.#answerPreflight(behavior, request);
    return askS3(this.#s3, origin.bucket, { ...request, uri: `${settings.path}${request.uri}` }, signal);
  }

  /** The policy's headers are added to this as to every answer; without one that fits, the browser is refused. */
  #answerPreflight({ responseHeadersPolicyId }: Behavior, request: ViewerRequest): Answer {
    const cors = this.#policies.get(responseHeadersPolicyId ?? '')?.cors;
    if (cors === undefined || !applyCors(cors, request, {})) return accessDenied();
    return { status: 200, headers: { 'content-length': '0', 'x-cache': 'Miss from cloudfront' } };
  }

  /** A custom error page comes through the behaviour its own path matches, whatever the origin said. */
  async #withErrorPage(answer: Answer, viewer: ViewerRequest, message: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const page = this.#distribution.errorResponses.get(answer.status);
    if (page === undefined || answer.status < 400) return answer;
    const {
      range: _r,
      'if-match': _m,
      'if-none-match': _n,
      'if-modified-since': _s,
      'if-unmodified-since': _u,
      ...headers
    } = viewer.headers;
    const request: ViewerRequest = { ...viewer, method: viewer.method === 'HEAD' ? 'HEAD' : 'GET', uri: page.pagePath, query: '', headers };
    const found = await this.#ask(this.#behaviorFor(page.pagePath), request, message, signal);
    if (found.status !== 200) return answer;
    if (answer.body !== undefined && !Buffer.isBuffer(answer.body)) answer.body.destroy();
    return { ...found, status: page.status ?? answer.status, headers: { ...found.headers, 'x-cache': 'Error from cloudfront' } };
  }

  #behaviorFor(path: string): Behavior {
    const behavior = this.#distribution.behaviors.find(({ matches }) => matches(path));
    if (behavior === undefined) throw new Error(`no behaviour matches ${path}; the default one should`);
    return behavior;
  }

  #assertComplete(behavior: Behavior): void {
    const { pattern, viewerRequestArn, viewerResponseArn, responseHeadersPolicyId: policy, originId } = behavior;
    for (const arn of [viewerRequestArn, viewerResponseArn]) {
      if (arn === undefined || this.#functions.has(arn)) continue;
      throw new UnsupportedDistributionError(`the behaviour "${pattern}" names the function ${arn}`, 'it is not in the template');
    }
    for (const group of behavior.trustedKeyGroups) {
      if (this.#keyGroups.has(group)) continue;
      throw new UnsupportedDistributionError(
        `the behaviour "${pattern}" names the key group ${group} in TrustedKeyGroups`,
        'it is not in the template',
      );
    }
    if (policy !== undefined && !this.#policies.has(policy)) {
      throw new UnsupportedDistributionError(
        `the behaviour "${pattern}" names the response headers policy ${policy}`,
        'it is not in the template',
      );
    }
    if (this.#origins.get(originId)?.kind !== 's3') assertForwardingKnown(behavior);
  }
}

async function send({ status, headers, body }: Answer, request: ViewerRequest, response: ServerResponse): Promise<void> {
  if (Buffer.isBuffer(body)) headers['content-length'] = String(body.length);
  response.writeHead(status, headers);
  if (body === undefined || request.method === 'HEAD') {
    if (body !== undefined && !Buffer.isBuffer(body)) body.destroy();
    response.end();
  } else if (Buffer.isBuffer(body)) response.end(body);
  // A viewer that leaves in the middle is no fault: browsers do it with every seek.
  else await pipeline(body, response).catch(() => response.destroy());
}
