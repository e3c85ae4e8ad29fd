import { z } from 'zod';
import { type OpenApiDocument, openApiDocument } from '../../../lambdas/rollout/api/openapi.ts';
import { OPERATIONS } from '../../../lambdas/rollout/api/operations.ts';

/** The document as it is served. */
export const DOCUMENT: OpenApiDocument = JSON.parse(JSON.stringify(openApiDocument(OPERATIONS)));

/** What is wrong with an answer, by the document: a status it does not name, a body that does not fit. */
export function faultsOf(routeKey: string, { status, body }: { readonly status: number; readonly body: unknown }): readonly string[] {
  const [method = '', path = ''] = routeKey.split(' ');
  const described = DOCUMENT.paths[path]?.[method.toLowerCase()]?.responses[String(status)];
  if (described === undefined) return [`${routeKey} answers ${status}, which the document does not name`];
  const { error } = z.fromJSONSchema(described.content['application/json'].schema as z.core.JSONSchema.JSONSchema).safeParse(body);
  return error?.issues.map(({ path: at, message }) => `${routeKey} ${status}: ${at.join('.')}: ${message}`) ?? [];
}
