import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { parseConfig } from '../../config.ts';
import { logger } from '../../step.ts';
import { connectFlags, connectNotices, FlagsConfig, NoticesConfig } from './flags-in-force.ts';
import { readRollout } from './read-rollout.ts';

const config = parseConfig(FlagsConfig.extend(NoticesConfig.shape), process.env);
const dependencies = {
  flags: connectFlags(config, (problem) => logger.warn('going on with other flags than the deployed ones', { problem })),
  notices: connectNotices(config, (problem) => logger.warn('going on with another notice than the deployed one', { problem })),
  onError: (error: unknown) => logger.error('the rollout could not be told', error as Error),
};

export const handler = (event: APIGatewayProxyEventV2) => readRollout(event, dependencies);
