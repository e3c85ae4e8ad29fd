import type { Behavior } from './distribution.ts';
import { UnsupportedDistributionError } from './errors.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** Managed policies by id. Source: CloudFront, "Use managed origin request policies" and "… cache policies". */
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';
const CACHE_POLICIES_WITHOUT_FORWARDING = [
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // CachingDisabled
  '658327ea-f89d-4fab-a63d-7e88639e58f6', // CachingOptimized
];

/** What CloudFront sends a function without an origin request policy: no query, no cookies, and of the headers only these. */
const SENT_ANYWAY = ['accept-encoding', 'authorization', 'content-length', 'content-type', 'x-amz-content-sha256', 'x-forwarded-for'];

/** @throws {UnsupportedDistributionError} unless it is known what the behaviour forwards to a function */
export function assertForwardingKnown({ pattern, originRequestPolicyId: requestPolicy, cachePolicyId: cachePolicy }: Behavior): void {
  if (requestPolicy === ALL_VIEWER_EXCEPT_HOST_HEADER) return;
  if (requestPolicy === undefined && (cachePolicy === undefined || CACHE_POLICIES_WITHOUT_FORWARDING.includes(cachePolicy))) return;
  throw new UnsupportedDistributionError(
    `the behaviour "${pattern}" forwards to a function by the origin request policy ${requestPolicy} and the cache policy ${cachePolicy}`,
    'use the managed policies AllViewerExceptHostHeader and CachingDisabled',
  );
}

/** The request as a function behind this behaviour gets to see it. */
export function forwarded({ originRequestPolicyId }: Behavior, request: ViewerRequest): ViewerRequest {
  if (originRequestPolicyId === ALL_VIEWER_EXCEPT_HOST_HEADER) return request;
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => SENT_ANYWAY.includes(name)));
  return { ...request, query: '', cookies: [], headers: { ...headers, 'user-agent': 'Amazon CloudFront' } };
}
