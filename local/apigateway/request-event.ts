import { randomUUID } from 'node:crypto';

/** A request as the API gets it: from CloudFront, or from whoever knows its address. */
export interface ApiRequest {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Lower case, without `cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly sourceIp: string;
  readonly body: Buffer;
}

export interface ApiPlace {
  readonly apiId: string;
  readonly region: string;
  readonly accountId: string;
  readonly stage: string;
}

export interface RequestEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

const TEXT_TYPES = /^(text\/|application\/(json|javascript|xml)\b)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Payload format 2.0. Source: API Gateway, "Create AWS Lambda proxy integrations for HTTP APIs". */
export function requestEvent(
  request: ApiRequest,
  { apiId, region, accountId, stage }: ApiPlace,
  { routeKey, pathParameters }: { readonly routeKey: string; readonly pathParameters: Readonly<Record<string, string>> },
): RequestEvent {
  const { method, path, query, cookies, body, sourceIp } = request;
  const domainName = `${apiId}.execute-api.${region}.amazonaws.com`;
  const headers: Readonly<Record<string, string>> = { ...request.headers, host: domainName, 'content-length': String(body.length) };
  const isText = TEXT_TYPES.test(headers['content-type'] ?? '');
  const search = new URLSearchParams(query);
  const now = new Date();
  return {
    version: '2.0',
    routeKey,
    rawPath: stage === '$default' ? path : `/${stage}${path}`,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(query !== '' && {
      queryStringParameters: Object.fromEntries([...new Set(search.keys())].map((name) => [name, search.getAll(name).join(',')])),
    }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId,
      apiId,
      domainName,
      domainPrefix: apiId,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey,
      stage,
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** `23/Nov/2026:04:24:02 +0000` */
function commonLogTime(date: Date): string {
  const [day, month, year] = [String(date.getUTCDate()).padStart(2, '0'), MONTHS[date.getUTCMonth()], date.getUTCFullYear()];
  return `${day}/${month}/${year}:${date.toISOString().slice(11, 19)} +0000`;
}
