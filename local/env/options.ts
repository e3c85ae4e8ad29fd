import { parseArgs } from 'node:util';
import { UserError } from '../errors.ts';

export interface EnvOptions {
  readonly environment: string;
  /** What `cdk deploy --outputs-file` wrote; undefined: the running laptop stack. */
  readonly outputs: string | undefined;
  /** A folder for the files; undefined: they are printed. */
  readonly out: string | undefined;
}

export const ENV_USAGE = `Usage: npm run env -- --env NAME [options]
  --env NAME       dev, staging or prod
  --outputs FILE   what cdk deploy --outputs-file FILE wrote; default: the running laptop stack
  --out DIR        write .env.video, .env.legacy and .env.migration there; default: print them
  --help           print this
Secrets are named by their ARNs, never printed. Exit code: 0 · 2 wrong usage, or nothing deployed`;

/** @throws {UserError} exit code 2 */
export function parseEnvOptions(argv: readonly string[]): EnvOptions | 'help' {
  const usage = (problem: string) => new UserError(`${problem}. See npm run env -- --help`, { exitCode: 2 });
  const string = { type: 'string' } as const;
  let values: { env?: string; outputs?: string; out?: string; help?: boolean };
  try {
    ({ values } = parseArgs({ args: [...argv], options: { env: string, outputs: string, out: string, help: { type: 'boolean' } } }));
  } catch (error) {
    throw usage((error as Error).message);
  }
  const { env, outputs, out, help } = values;
  if (help === true) return 'help';
  if (env === undefined) throw usage('--env is missing; expected dev, staging or prod');
  for (const [name, value] of Object.entries({ outputs, out })) if (value === '') throw usage(`--${name} is empty; expected a path`);
  return { environment: env, outputs, out };
}
