import type { CreateJobRequest, ProbeRequest } from '@aws-sdk/client-mediaconvert';
import { AwsError } from '../gateway/aws-error.ts';
import type { ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import type { MediaConvert } from './mediaconvert.ts';
import { checkValue, oneOf, shape, text } from './rules.ts';
import { fromWire, toWire } from './wire.ts';

const supportedQuery = shape({
  maxResults: text(/^([1-9]|1\d|20)$/, 'a whole number from 1 to 20'),
  nextToken: text(/^[a-z0-9-]{1,64}$/, 'a token that a list answered'),
  order: oneOf('ASCENDING', 'DESCENDING'),
  queue: text(/^.+$/, 'a queue'),
  status: oneOf('SUBMITTED', 'PROGRESSING', 'COMPLETE', 'CANCELED', 'ERROR'),
});

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (service: MediaConvert, request: ServiceRequest, id: string) => ServiceResponse | Promise<ServiceResponse>;
}

/** Source: the API model, 2017-08-29. */
const routes: readonly Route[] = [
  {
    method: 'POST',
    path: /^\/2017-08-29\/jobs$/,
    answer: async (service, request) => {
      // The full check happens in createJob; a body that is no object fails there by name.
      const job = await service.createJob(readBody(request) as CreateJobRequest);
      return { status: 201, body: toWire({ Job: job }) };
    },
  },
  { method: 'GET', path: /^\/2017-08-29\/jobs\/([^/]+)$/, answer: (service, _, id) => ({ body: toWire({ Job: service.getJob(id) }) }) },
  {
    method: 'DELETE',
    path: /^\/2017-08-29\/jobs\/([^/]+)$/,
    answer: (service, _, id) => {
      service.cancelJob(id);
      return { status: 202, body: {} };
    },
  },
  { method: 'GET', path: /^\/2017-08-29\/jobs$/, answer: (service, request) => ({ body: toWire(service.listJobs(readQuery(request))) }) },
  {
    method: 'POST',
    path: /^\/2017-08-29\/probe$/,
    answer: async (service, request) => ({ body: toWire({ ProbeResults: await service.probe(readBody(request) as ProbeRequest) }) }),
  },
];

/** @throws {AwsError} what the service would refuse, and every operation that is not among the routes */
export async function answerRequest(service: MediaConvert, request: ServiceRequest): Promise<ServiceResponse> {
  const path = decodeURIComponent(request.path);
  for (const route of routes) {
    const match = route.method === request.method ? route.path.exec(path) : null;
    if (match !== null) return await route.answer(service, request, match[1] ?? '');
  }
  const supported = 'CreateJob, GetJob, CancelJob, ListJobs, Probe';
  throw new AwsError('NotImplementedException', `${request.method} ${path} has no stand-in here; supported: ${supported}`, { status: 501 });
}

function readBody({ body }: ServiceRequest): unknown {
  try {
    return fromWire(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    throw new AwsError('BadRequestException', 'the request body is not JSON', { cause });
  }
}

function readQuery({ query }: ServiceRequest) {
  const problems = checkValue(supportedQuery, Object.fromEntries(query), 'query');
  if (problems.length > 0) throw new AwsError('BadRequestException', problems.join('; '));
  const maxResults = query.get('maxResults');
  return {
    MaxResults: maxResults === null ? undefined : Number(maxResults),
    NextToken: query.get('nextToken') ?? undefined,
    Order: query.get('order') ?? undefined,
    Queue: query.get('queue') ?? undefined,
    Status: query.get('status') ?? undefined,
  };
}
