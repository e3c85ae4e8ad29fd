import { z } from 'zod';
import type { Faults, Operation } from './operations.ts';

/** An OpenAPI 3.1 document: JSON Schema 2020-12 throughout. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

export interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  /** By status. */
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: JsonContent }>>;
}

interface JsonContent {
  readonly 'application/json': { readonly schema: object };
}

/** Describes the operations, by their route keys (`GET /api/rollout`). */
export function openApiDocument(operations: Readonly<Record<string, Operation>>): OpenApiDocument {
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const [key, operation] of Object.entries(operations)) {
    const [method = '', path = ''] = key.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'VideoPick',
      version: '1',
      description:
        'What the app asks. Refusals are `{error: {code, ko, en, found, expected}}`; sentences are for people, codes for programs.',
    },
    servers: [{ url: '/' }],
    paths,
  };
}

function describe({ id, summary, path, query, body, answers, faults }: Operation): OperationObject {
  const parameters = [...parametersOf('path', path), ...parametersOf('query', query)];
  const answered = Object.entries(answers).map(([status, schema]) => [status, { description: summary, content: json(schema, 'output') }]);
  return {
    operationId: id,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: json(body, 'input') } }),
    responses: Object.fromEntries([...answered, ...refusalsOf(faults)]),
  };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject | undefined): readonly object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input');
  return Object.entries(properties).map(([name, property]) => ({ name, in: place, required: required.includes(name), schema: property }));
}

function refusalsOf(faults: Faults): readonly (readonly [string, OperationObject['responses'][string]])[] {
  const byStatus = Map.groupBy(Object.entries(faults), ([, { status }]) => String(status));
  return [...byStatus].map(([status, group]) => {
    const codes = group.map(([code]) => code) as [string, ...string[]];
    const value = z.union([z.string(), z.number()]).nullable();
    const error = z.strictObject({ code: z.enum(codes), ko: z.string(), en: z.string(), found: value, expected: value });
    const description = group.map(([code, { en }]) => `${code}: ${en}`).join(' · ');
    return [status, { description, content: json(z.strictObject({ error }), 'output') }];
  });
}

function json(schema: z.ZodType, io: 'input' | 'output'): JsonContent {
  return { 'application/json': { schema: jsonSchema(schema, io) } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const {
    $schema: _,
    '~standard': _standard,
    ...rest
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io }) as z.core.JSONSchema.ObjectSchema & {
    readonly '~standard'?: unknown;
  };
  return rest;
}
