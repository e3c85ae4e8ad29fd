import { STATUS_CODES } from 'node:http';
import type { Answer } from './answer.ts';
import type { ViewerRequest } from './viewer-request.ts';

interface EventValue {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
  /** Of a cookie to set: `Path=/; Secure`. */
  readonly attributes?: string;
}

export type EventValues = Readonly<Record<string, EventValue>>;

/** The members of an edge function's request or response that are read. Source: CloudFront, "Functions event structure". */
export interface EventRecord {
  readonly method?: string;
  readonly uri?: string;
  readonly querystring?: EventValues | string;
  readonly headers?: EventValues;
  readonly cookies?: EventValues;
  readonly statusCode?: unknown;
  readonly body?: unknown;
}

export function toEvent(request: ViewerRequest, requestId: string): object {
  const pairs = request.query === '' ? [] : request.query.split('&').map(split);
  return {
    version: '1.0',
    context: {
      distributionDomainName: request.headers.host ?? '',
      distributionId: 'LOCAL',
      eventType: 'viewer-request',
      requestId,
    },
    viewer: { ip: request.ip },
    request: {
      method: request.method,
      uri: request.uri,
      querystring: group(pairs),
      headers: group(Object.entries(request.headers)),
      cookies: group(request.cookies.map(split)),
    },
  };
}

/** What a function for viewer responses is handed: the request, and the answer without its body. */
export function toResponseEvent(request: ViewerRequest, { status, headers }: Answer, requestId: string): object {
  const { 'set-cookie': cookies = [], ...others } = headers;
  const asked = toEvent(request, requestId) as { readonly context: object };
  return {
    ...asked,
    context: { ...asked.context, eventType: 'viewer-response' },
    response: {
      statusCode: status,
      statusDescription: STATUS_CODES[status] ?? '',
      headers: group(Object.entries(others).flatMap(([name, value]) => [value].flat().map((item) => [name, item] as const))),
      cookies: Object.fromEntries([cookies].flat().map(splitSetCookie)),
    },
  };
}

/** All values by name: a repeated one is listed in `multiValue`. */
export function toValues(values: EventValues | undefined): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, { value, multiValue }]) => [
      name,
      (multiValue ?? [{ value }]).map((item) => String(item.value)),
    ]),
  );
}

export function toQuery(querystring: EventValues | string | undefined): string {
  if (typeof querystring === 'string') return querystring;
  return Object.entries(querystring ?? {})
    .flatMap(([name, { value, multiValue }]) => (multiValue ?? [{ value }]).map((item) => `${name}=${item.value}`))
    .join('&');
}

/** Values stay as they were sent: CloudFront does not decode them. */
function split(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

function splitSetCookie(cookie: string): [string, EventValue] {
  const [pair = '', ...attributes] = cookie.split(/;\s*/);
  const [name, value] = split(pair);
  return [name, { value, ...(attributes.length > 0 && { attributes: attributes.join('; ') }) }];
}

function group(pairs: readonly (readonly [string, string])[]): EventValues {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(
    [...values].map(([name, list]) => [
      name,
      { value: list[0] ?? '', ...(list.length > 1 && { multiValue: list.map((value) => ({ value })) }) },
    ]),
  );
}
