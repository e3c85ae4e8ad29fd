import { z } from 'zod';
import { validationError } from './errors.ts';
import { parseWire } from './wire-json.ts';

/** Members, lengths and enums of the requests. Source: the Data API's model. Unknown members are ignored, as the service does. */
const arn = z.string().min(11).max(100);
const target = { resourceArn: arn, secretArn: arn };
const database = { database: z.string().max(64).optional(), schema: z.string().max(64).optional() };
const transactionId = z.string().max(192);
const sql = z.string().max(65_536);

const Parameter = z.object({
  name: z.string(),
  typeHint: z.enum(['JSON', 'UUID', 'TIMESTAMP', 'DATE', 'TIME', 'DECIMAL']).optional(),
  value: z.record(z.string(), z.unknown()),
});
export type ParameterInput = z.infer<typeof Parameter>;

export const ExecuteRequest = z.object({
  ...target,
  ...database,
  sql,
  parameters: z.array(Parameter).default([]),
  transactionId: transactionId.optional(),
  includeResultMetadata: z.boolean().default(false),
  continueAfterTimeout: z.boolean().default(false),
  resultSetOptions: z
    .object({
      decimalReturnType: z.enum(['STRING', 'DOUBLE_OR_LONG']).default('STRING'),
      longReturnType: z.enum(['STRING', 'LONG']).default('LONG'),
    })
    .default({ decimalReturnType: 'STRING', longReturnType: 'LONG' }),
  formatRecordsAs: z.enum(['NONE', 'JSON']).default('NONE'),
});
export type ResultSetOptions = z.infer<typeof ExecuteRequest>['resultSetOptions'];

export const BatchRequest = z.object({
  ...target,
  ...database,
  sql,
  parameterSets: z.array(z.array(Parameter)).default([]),
  transactionId: transactionId.optional(),
});

export const BeginRequest = z.object({ ...target, ...database });
export const EndRequest = z.object({ ...target, transactionId });

/** Turns a body into a request of the given shape. @throws {AwsError} `ValidationException` or `SerializationException` */
export function parseRequest<T extends z.ZodType>(shape: T, body: Buffer): z.infer<T> {
  let json: unknown;
  try {
    json = parseWire(body.toString() || '{}');
  } catch {
    throw validationError('The request body is not valid JSON');
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const texts = parsed.error.issues.map((issue) => `Value at '${issue.path.join('.')}' failed to satisfy constraint: ${constraint(issue)}`);
  throw validationError(`${texts.length} validation error${texts.length > 1 ? 's' : ''} detected: ${texts.join('; ')}`);
}

function constraint(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') return `Member must have length less than or equal to ${issue.maximum}`;
  if (issue.code === 'too_small') return `Member must have length greater than or equal to ${issue.minimum}`;
  if (issue.code === 'invalid_value') return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
  if (issue.code === 'invalid_type' && issue.message.endsWith('undefined')) return 'Member must not be null';
  return issue.message;
}
