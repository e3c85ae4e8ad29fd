import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Answer, errorAnswer } from './answer.ts';
import type { OriginSettings } from './distribution.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** Lambda's limit on a request. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;
const TEXT_TYPES = /^(text\/|application\/(json|javascript|xml|.*\+(json|xml))\b)/i;

/** What a function URL hands its handler, payload format 2.0. */
export interface FunctionUrlEvent {
  readonly version: '2.0';
  readonly routeKey: '$default';
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly accountId: 'anonymous';
    readonly apiId: string;
    readonly domainName: string;
    readonly domainPrefix: string;
    readonly http: {
      readonly method: string;
      readonly path: string;
      readonly protocol: string;
      readonly sourceIp: string;
      readonly userAgent: string;
    };
    readonly requestId: string;
    readonly routeKey: '$default';
    readonly stage: '$default';
    readonly time: string;
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** A handler's answer: this shape, or anything else, which then is the JSON body of a 200. */
interface FunctionUrlResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export type InvokeFunction = (event: FunctionUrlEvent) => Promise<unknown>;

/** Invokes a function behind a function URL. A handler that throws is a 502, as there; its error is given to `onError`. */
export async function askFunction(
  invoke: InvokeFunction,
  viewer: { request: ViewerRequest; message: IncomingMessage },
  settings: OriginSettings,
  onError: (error: unknown) => void,
): Promise<Answer> {
  const body = await readBody(viewer.message);
  if (body === undefined) return errorAnswer(413, `The request body exceeds ${MAX_BODY_BYTES} bytes, which is all a function takes.`);
  if (settings.signed && !isSignable(viewer.request, body)) return signatureMismatch();
  const event = toFunctionUrlEvent(viewer.request, body, settings);
  try {
    return toAnswer(await invoke(event));
  } catch (error) {
    onError(error);
    const headers = { 'content-type': 'application/json', 'x-cache': 'Error from cloudfront' };
    return { status: 502, headers, body: Buffer.from('{"message":"Internal Server Error"}') };
  }
}

/**
 * Access control signs the body's hash that the viewer sent, as it cannot wait for the body. Without the header it signs that of nothing.
 * Source: CloudFront, "Restrict access to an AWS Lambda function URL origin".
 */
function isSignable({ headers }: ViewerRequest, body: Buffer): boolean {
  const declared = headers['x-amz-content-sha256'] ?? createHash('sha256').digest('hex');
  return declared.toLowerCase() === createHash('sha256').update(body).digest('hex');
}

function signatureMismatch(): Answer {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. ' +
    'Consult the service documentation for details.';
  const headers = {
    'content-type': 'application/json',
    'x-amzn-errortype': 'InvalidSignatureException',
    'x-cache': 'Error from cloudfront',
  };
  return { status: 403, headers, body: Buffer.from(JSON.stringify({ message })) };
}

export function toFunctionUrlEvent(
  request: ViewerRequest,
  body: Buffer,
  { domainName, customHeaders, path }: OriginSettings,
): FunctionUrlEvent {
  const { host: _, connection: _c, ...headers } = request.headers;
  const rawPath = `${path}${request.uri}`;
  const now = new Date();
  const isText = TEXT_TYPES.test(headers['content-type'] ?? '');
  const parameters = Object.fromEntries(
    [...new Set(new URLSearchParams(request.query).keys())].map((name) => [
      name,
      new URLSearchParams(request.query).getAll(name).join(','),
    ]),
  );
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: request.query,
    ...(request.cookies.length > 0 && { cookies: request.cookies }),
    headers: { ...headers, ...customHeaders, host: domainName, 'x-forwarded-for': request.ip },
    ...(request.query !== '' && { queryStringParameters: parameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: domainName.split('.')[0] ?? '',
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: { method: request.method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: request.ip, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function toAnswer(result: unknown): Answer {
  const shaped = typeof result === 'object' && result !== null && 'statusCode' in result;
  const response: FunctionUrlResponse = shaped
    ? (result as FunctionUrlResponse)
    : { statusCode: 200, body: typeof result === 'string' ? result : (JSON.stringify(result) ?? '') };
  const headers: Answer['headers'] = { 'content-type': 'application/json', 'x-cache': 'Miss from cloudfront' };
  for (const [name, value] of Object.entries(response.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (response.cookies !== undefined && response.cookies.length > 0) headers['set-cookie'] = [...response.cookies];
  const body = Buffer.from(response.body ?? '', response.isBase64Encoded === true ? 'base64' : 'utf8');
  headers['content-length'] = String(body.length);
  return { status: response.statusCode ?? 200, headers, body };
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= MAX_BODY_BYTES) parts.push(part);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(parts);
}
