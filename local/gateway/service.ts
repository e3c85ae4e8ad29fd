import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** A request with its body read, as services with small JSON bodies take it. */
export interface ServiceRequest {
  readonly method: string;
  /** The path as sent, percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ServiceResponse {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a Buffer is sent as it is; nothing when undefined. */
  readonly body?: unknown;
}

/** How a service names its operations and renders its errors (docs: AWS protocols). */
export type JsonProtocol = 'rest-json' | 'json-1.0' | 'json-1.1';

/** A stand-in with small JSON bodies. Throws `AwsError` for what the service would refuse. */
export interface JsonService {
  readonly protocol: JsonProtocol;
  handle(request: ServiceRequest): Promise<ServiceResponse>;
}

/** Members of a query operation's result; a list becomes `<member>` elements. */
export interface QueryResult {
  readonly [name: string]: string | QueryResult | readonly QueryResult[];
}

/** A stand-in of the AWS query protocol: a form in, XML out (SNS). Throws `AwsError` for what the service would refuse. */
export interface QueryService {
  readonly protocol: 'query';
  readonly xmlNamespace: string;
  /** `action` is the form's `Action`, empty when it has none; `form` is all of it. */
  handle(action: string, form: URLSearchParams): Promise<QueryResult>;
}

/** A stand-in that streams: S3. */
export interface StreamingService {
  readonly protocol: 'streaming';
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
}

export type Service = JsonService | QueryService | StreamingService;

/** The operation of a JSON 1.x request: the part of `X-Amz-Target` after the dot. */
export function operationOf(request: ServiceRequest): string {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? target.slice(target.indexOf('.') + 1) : '';
}
