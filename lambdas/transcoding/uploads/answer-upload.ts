import { z } from 'zod';
import { type HttpResponse, jsonResponse, SAME_ORIGIN } from '../../http-response.ts';
import { abortUpload } from './abort-upload.ts';
import { admitUpload, OpenUploadQuery } from './admit-upload.ts';
import { CompleteUploadInput, completeUpload } from './complete-upload.ts';
import type { UploadDependencies } from './dependencies.ts';
import { OpenUploadInput, openUpload } from './open-upload.ts';
import { ReadUploadQuery, readUpload, viewOf } from './read-upload.ts';
import { SignPartsInput, signParts } from './sign-parts.ts';
import { UploadError, uploadFaults } from './upload-faults.ts';

/** The members of an HTTP API's request (payload format 2.0) that are looked at. Names of headers are in lower case. */
export interface UploadRequest {
  /** `POST /api/uploads/{id}/complete` */
  readonly routeKey: string;
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export interface AnswerDependencies extends UploadDependencies {
  /** Told of what was done: ids, sizes and codes, never names. */
  readonly onAnswer: (routeKey: string, facts: object) => void;
  readonly onError: (error: unknown) => void;
}

/** Twenty digests, or a title and a name. */
const MAX_BODY_BYTES = 16 * 1024;

type Route = (request: UploadRequest, dependencies: UploadDependencies) => Promise<{ readonly status: number; readonly body: object }>;

/** By the keys the API declares (lib/api/api-stack.ts). */
const ROUTES: Readonly<Record<string, Route>> = {
  'POST /api/uploads': async (request, dependencies) => {
    const { user } = parseOrRefuse(OpenUploadQuery, request.queryStringParameters ?? {});
    const input = readJson(request, OpenUploadInput);
    const { maxBytes } = await admitUpload({ user, fileName: input.fileName }, dependencies);
    const { session, opened } = await openUpload(input, { ...dependencies, maxBytes });
    return { status: opened ? 201 : 200, body: viewOf(session) };
  },
  'GET /api/uploads/{id}': async (request, dependencies) => {
    const query = parseOrRefuse(ReadUploadQuery, request.queryStringParameters ?? {});
    return { status: 200, body: await readUpload(idOf(request), query, dependencies) };
  },
  'POST /api/uploads/{id}/parts': async (request, dependencies) => {
    const input = readJson(request, SignPartsInput);
    return { status: 200, body: await signParts(idOf(request), input, dependencies) };
  },
  'POST /api/uploads/{id}/complete': async (request, dependencies) => {
    const completed = await completeUpload(idOf(request), readJson(request, CompleteUploadInput), dependencies);
    return { status: completed.status === 'completed' ? 200 : 202, body: completed };
  },
  'DELETE /api/uploads/{id}': async (request, dependencies) => ({ status: 200, body: await abortUpload(idOf(request), dependencies) }),
};

export const UPLOAD_ROUTES: readonly string[] = Object.keys(ROUTES);

/** Answers one request. A refusal is JSON with a code of `uploadFaults`; what cannot be reached is a 503, not an exception. */
export async function answerUpload(
  request: UploadRequest,
  { onAnswer, onError, ...dependencies }: AnswerDependencies,
): Promise<HttpResponse> {
  try {
    const route = Object.hasOwn(ROUTES, request.routeKey) ? ROUTES[request.routeKey] : undefined;
    if (route === undefined) throw new UploadError('UNKNOWN_ROUTE', { found: request.routeKey, expected: UPLOAD_ROUTES.join(', ') });
    const { status, body } = await route(request, dependencies);
    onAnswer(request.routeKey, { status, id: 'id' in body ? body.id : undefined });
    return json(status, body);
  } catch (error) {
    if (error instanceof UploadError) {
      onAnswer(request.routeKey, { status: uploadFaults[error.code].status, code: error.code });
      return refusal(error);
    }
    onError(error);
    return refusal(new UploadError('UNAVAILABLE'), { 'retry-after': '5' });
  }
}

/** @throws {UploadError} UNKNOWN_UPLOAD for what is no id at all */
function idOf({ pathParameters }: UploadRequest): string {
  const id = pathParameters?.id ?? '';
  if (z.uuid().safeParse(id).success) return id.toLowerCase();
  throw new UploadError('UNKNOWN_UPLOAD', { found: id.slice(0, 100) });
}

/** Only JSON: another site may not send it without asking first, which nothing here allows. */
function readJson<Schema extends z.ZodType>({ headers, body, isBase64Encoded }: UploadRequest, schema: Schema): z.output<Schema> {
  const type = headers?.['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new UploadError('NOT_JSON', { found: type.slice(0, 100), expected: 'application/json' });
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new UploadError('REQUEST_TOO_LARGE', { found: bytes.length, expected: MAX_BODY_BYTES });
  return parseOrRefuse(schema, parseJson(bytes.toString('utf8')));
}

function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new UploadError('INVALID_REQUEST', {
    found: 'a request that does not fit',
    expected: z.prettifyError(parsed.error).slice(0, 1000),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UploadError('INVALID_REQUEST', { found: 'a body that is not JSON', expected: 'a JSON object' });
  }
}

function refusal({ code, found, expected }: UploadError, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const { status, ko, en } = uploadFaults[code];
  return json(status, { error: { code, ko, en, found, expected } }, headers);
}

function json(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return jsonResponse(statusCode, body, { ...SAME_ORIGIN, ...headers });
}
