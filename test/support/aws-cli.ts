import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { LocalFile } from '../../local/runner/local-file.ts';

const run = promisify(execFile);

/** Whether there is an AWS CLI, of either version; tests of it are skipped by name where there is none. */
export const hasAwsCli = spawnSync('aws', ['--version']).status === 0;

/** Runs one command of the CLI and answers what it prints: JSON. */
export type AwsCli = (...args: readonly string[]) => Promise<string>;

/** The real CLI against a running stack, with the environment that the README names. */
export function awsCli(stack: Pick<LocalFile, 'endpoint' | 'region'>): AwsCli {
  const env = awsEnvironment(stack);
  return async (...args) => (await run('aws', [...args, '--output', 'json'], { env })).stdout;
}

/** What the CLI is told by the environment. Version 1 asks for the default region. */
export function awsEnvironment({ endpoint, region }: Pick<LocalFile, 'endpoint' | 'region'>): NodeJS.ProcessEnv {
  const credentials = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
  return { ...process.env, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_DEFAULT_REGION: region, AWS_PAGER: '', ...credentials };
}
