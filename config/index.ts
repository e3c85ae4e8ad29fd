import { dev } from './dev.ts';
import { type Environment, EnvironmentSchema } from './environment.ts';
import { prod } from './prod.ts';
import { staging } from './staging.ts';

/** Environments by name. */
const environments: Readonly<Record<string, Environment>> = { dev, staging, prod };

/** @throws when there is no such environment, or its values do not fit the schema */
export function readEnvironment(name: unknown): Environment {
  const environment = typeof name === 'string' && Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (environment === undefined) {
    const known = Object.keys(environments).join(', ');
    throw new Error(`there is no environment "${String(name)}"; choose one with -c env=NAME. Known: ${known} (config/index.ts)`);
  }
  return EnvironmentSchema.parse(environment);
}
