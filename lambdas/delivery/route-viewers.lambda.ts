import { parseConfig } from '../config.ts';
import { logger, step } from '../step.ts';
import { EdgeConfig } from './edge-config.ts';
import { EdgeStore } from './edge-store.ts';
import { RouteViewersInput, routeViewers } from './route-viewers.ts';

const store = EdgeStore.connect(parseConfig(EdgeConfig, process.env).KEY_VALUE_STORE_ARN);

export const handler = step(RouteViewersInput, async (input) => {
  const output = await routeViewers(input, { store });
  logger.info('pages routed', { ...output, reason: input.reason });
  return output;
});
