import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../../config/index.ts';
import { type Deployment, deploymentFromLaptop, deploymentFromOutputs, NotDeployedError } from './deployment.ts';
import type { EnvOptions } from './options.ts';

const LAPTOP = fileURLToPath(new URL('../../.videopick/local.json', import.meta.url));

/** @throws {NotDeployedError} for an unknown environment, stacks or outputs that are missing, or no running laptop stack */
export function readDeployment({ environment, outputs }: EnvOptions, laptop: string = LAPTOP): Deployment {
  const config = configOf(environment);
  return outputs === undefined ? deploymentFromLaptop(laptop, environment) : deploymentFromOutputs(resolve(outputs), config);
}

function configOf(environment: string) {
  try {
    return readEnvironment(environment);
  } catch (error) {
    throw new NotDeployedError((error as Error).message.replace('-c env=NAME', '--env NAME'));
  }
}
