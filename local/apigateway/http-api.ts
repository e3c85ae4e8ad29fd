import type { Resource } from '../assembly/template.ts';
import { type ApiResponse, handlerAnswer, serviceAnswer } from './api-response.ts';
import { Authorizer, functionArnOf, type Invoke } from './authorizer.ts';
import { UnsupportedApiError } from './errors.ts';
import { assertKnown, assertOneOf, type Properties } from './properties.ts';
import { type ApiPlace, type ApiRequest, requestEvent } from './request-event.ts';
import { matchRoute, parseRouteKey, type RoutePattern } from './route.ts';
import { Throttle } from './throttle.ts';

/** Of a request. Source: API Gateway quotas for HTTP APIs. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_INTEGRATION_MS = 30_000;

export interface HttpApiOptions {
  /** The `AWS::ApiGatewayV2::Api`. */
  readonly api: Resource;
  /** Routes, integrations, authorizers and stages of the assembly; those of other APIs are left alone. */
  readonly resources: readonly Resource[];
  readonly region: string;
  readonly accountId: string;
  /** Runs a function and gives its answer; throws when it failed. */
  readonly invoke: Invoke;
  /** Told of faults behind a 500: a function that threw, an answer that is none. */
  readonly onError: (error: unknown) => void;
}

interface Route extends RoutePattern {
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly authorizer: Authorizer | undefined;
}

/** One HTTP API of the template: routes, a Lambda authorizer, Lambda integrations, one stage. */
export class HttpApi {
  readonly #place: ApiPlace;
  readonly #routes: readonly Route[];
  readonly #throttles: StageThrottles;
  readonly #invoke: Invoke;
  readonly #onError: (error: unknown) => void;

  /** @throws {UnsupportedApiError} for every property that would be ignored */
  constructor({ api, resources, region, accountId, invoke, onError }: HttpApiOptions) {
    assertKnown('AWS::ApiGatewayV2::Api', api.properties, { understood: ['ProtocolType'], noEffect: ['Name', 'Description', 'Tags'] });
    assertOneOf('AWS::ApiGatewayV2::Api.ProtocolType', api.properties.ProtocolType, ['HTTP']);
    const ofApi = (type: string) =>
      resources.filter((resource) => resource.type === `AWS::ApiGatewayV2::${type}` && resource.properties.ApiId === api.ref);
    const integrations = new Map(ofApi('Integration').map(({ ref, properties }) => [ref, parseIntegration(ref, properties)]));
    const authorizers = new Map(ofApi('Authorizer').map(({ ref, properties }) => [ref, new Authorizer(ref, properties)]));
    this.#routes = ofApi('Route').map(({ properties }) => parseRoute(properties, integrations, authorizers));
    const [stage, ...others] = ofApi('Stage');
    if (stage === undefined || others.length > 0)
      throw new UnsupportedApiError(`${others.length + (stage ? 1 : 0)} stages`, 'exactly one is played here');
    this.#throttles = parseStage(
      stage.properties,
      this.#routes.map(({ key }) => key),
    );
    this.#place = { apiId: api.ref, region, accountId, stage: String(stage.properties.StageName) };
    this.#invoke = invoke;
    this.#onError = onError;
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    const matched = matchRoute(this.#routes, request.method, request.path);
    if (matched === undefined) return serviceAnswer(404, 'Not Found');
    if ((this.#throttles.routes.get(matched.route.key) ?? this.#throttles.others)?.take() === false)
      return serviceAnswer(429, 'Too Many Requests');
    if (request.body.length > MAX_BODY_BYTES) return serviceAnswer(413, 'Request Entity Too Large');
    const { route, pathParameters } = matched;
    const event = requestEvent(request, this.#place, { routeKey: route.key, pathParameters });
    try {
      const context = await this.#authorize(route, event);
      if ('status' in context) return serviceAnswer(context.status, context.status === 401 ? 'Unauthorized' : 'Forbidden');
      const authorized = route.authorizer && {
        ...event,
        requestContext: { ...event.requestContext, authorizer: { lambda: context.facts } },
      };
      return handlerAnswer(await this.#invoke(route.functionArn, authorized ?? event, AbortSignal.timeout(route.timeoutMs)));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'TimeoutError') return serviceAnswer(503, 'Service Unavailable');
      this.#onError(error);
      return serviceAnswer(500, 'Internal Server Error');
    }
  }

  async #authorize(
    { authorizer, timeoutMs }: Route,
    event: ReturnType<typeof requestEvent>,
  ): Promise<{ readonly status: 401 | 403 } | { readonly facts: Readonly<Record<string, unknown>> }> {
    if (authorizer === undefined) return { facts: {} };
    const { apiId, region, accountId, stage } = this.#place;
    const http = event.requestContext.http as { method: string; path: string };
    const routeArn = `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/${http.method}${http.path}`;
    const verdict = await authorizer.authorize(event, routeArn, this.#invoke, AbortSignal.timeout(timeoutMs));
    return verdict.allowed ? { facts: verdict.context } : { status: verdict.status };
  }
}

function parseIntegration(id: string, properties: Properties): { readonly functionArn: string; readonly timeoutMs: number } {
  const where = `the integration ${id}`;
  assertKnown(where, properties, {
    understood: ['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion', 'TimeoutInMillis'],
    noEffect: ['Description', 'IntegrationMethod'],
  });
  assertOneOf(`${where}.IntegrationType`, properties.IntegrationType, ['AWS_PROXY']);
  assertOneOf(`${where}.PayloadFormatVersion`, properties.PayloadFormatVersion, ['2.0']);
  const timeoutMs = Number(properties.TimeoutInMillis ?? MAX_INTEGRATION_MS);
  if (!(timeoutMs >= 50 && timeoutMs <= MAX_INTEGRATION_MS)) {
    throw new UnsupportedApiError(`${where}.TimeoutInMillis is ${timeoutMs}`, `the service takes 50 to ${MAX_INTEGRATION_MS}`);
  }
  return { functionArn: functionArnOf(`${where}.IntegrationUri`, properties.IntegrationUri), timeoutMs };
}

function parseRoute(
  properties: Properties,
  integrations: ReadonlyMap<string, { readonly functionArn: string; readonly timeoutMs: number }>,
  authorizers: ReadonlyMap<string, Authorizer>,
): Route {
  const pattern = parseRouteKey(String(properties.RouteKey));
  const where = `the route ${pattern.key}`;
  assertKnown(where, properties, {
    understood: ['ApiId', 'RouteKey', 'Target', 'AuthorizationType', 'AuthorizerId'],
    noEffect: ['OperationName'],
  });
  assertOneOf(`${where}.AuthorizationType`, properties.AuthorizationType ?? 'NONE', ['NONE', 'CUSTOM']);
  const integration = integrations.get(String(properties.Target).replace(/^integrations\//, ''));
  if (integration === undefined)
    throw new UnsupportedApiError(`${where}.Target is ${properties.Target}`, 'it is no integration of this API');
  const authorizer = properties.AuthorizationType === 'CUSTOM' ? authorizers.get(String(properties.AuthorizerId)) : undefined;
  if (properties.AuthorizationType === 'CUSTOM' && authorizer === undefined) {
    throw new UnsupportedApiError(`${where}.AuthorizerId is ${properties.AuthorizerId}`, 'it is no authorizer of this API');
  }
  return { ...pattern, ...integration, authorizer };
}

/** A route with settings of its own is throttled by them alone. */
interface StageThrottles {
  readonly others: Throttle | undefined;
  readonly routes: ReadonlyMap<string, Throttle | undefined>;
}

function parseStage(properties: Properties, routeKeys: readonly string[]): StageThrottles {
  assertKnown('the stage', properties, {
    understood: ['ApiId', 'StageName', 'AutoDeploy', 'DefaultRouteSettings', 'RouteSettings'],
    noEffect: ['AccessLogSettings', 'Description', 'Tags'],
  });
  assertOneOf('the stage’s AutoDeploy', properties.AutoDeploy, [true, 'true']);
  assertOneOf('the stage’s StageName', properties.StageName, ['$default']);
  const ofRoutes = Object.entries((properties.RouteSettings ?? {}) as Readonly<Record<string, Properties>>);
  const unknown = ofRoutes.find(([key]) => !routeKeys.includes(key));
  if (unknown !== undefined) throw new UnsupportedApiError(`the stage’s RouteSettings name ${unknown[0]}`, 'it is no route of this API');
  return {
    others: parseThrottle('the stage’s DefaultRouteSettings', (properties.DefaultRouteSettings ?? {}) as Properties),
    routes: new Map(ofRoutes.map(([key, settings]) => [key, parseThrottle(`the stage’s RouteSettings of ${key}`, settings)])),
  };
}

function parseThrottle(where: string, settings: Properties): Throttle | undefined {
  assertKnown(where, settings, {
    understood: ['ThrottlingRateLimit', 'ThrottlingBurstLimit'],
    noEffect: ['DetailedMetricsEnabled'],
  });
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = settings;
  return rate === undefined || burst === undefined ? undefined : new Throttle(Number(rate), Number(burst));
}
