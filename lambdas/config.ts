import type { z } from 'zod';

/** The environment a Lambda was given does not fit it: a fault of the deployment, found at cold start. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';
}

/** Reads the environment through a schema. Every bad key is named in one error. @throws {InvalidConfigError} */
export function parseConfig<T extends z.ZodObject>(schema: T, environment: Readonly<Record<string, string | undefined>>): z.output<T> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new InvalidConfigError(
    `the function's environment variables do not fit: ${faults.join('; ')}. Set them in the stack that makes the function`,
  );
}
