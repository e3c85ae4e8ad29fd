import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { z } from 'zod';
import { flushMetrics } from './metrics.ts';

/** A step's input does not fit its schema: an operator's input or a state machine's wiring. Never retried. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** One logger per function. Log ids and counts, never rows: rows hold personal data. */
export const logger = new Logger();

/**
 * The handler of a state machine's step: parses the input, runs the step, logs its outcome, writes its metrics.
 * @throws {InvalidInputError} naming every field that does not fit
 */
export function step<Schema extends z.ZodType, Output>(
  schema: Schema,
  run: (input: z.output<Schema>, context: Context) => Promise<Output>,
) {
  return middy()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (event: unknown, context: Context): Promise<Output> => {
      try {
        const output = await run(parseInput(schema, event), context);
        logger.info('step done'); // outputs are in the execution's history; file names may be personal
        return output;
      } finally {
        flushMetrics();
      }
    });
}

/** @throws {InvalidInputError} */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new InvalidInputError(`the input does not fit: ${faults.join('; ')}`);
}
