import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerResult } from 'aws-lambda';
import { z } from 'zod';
import { parseConfig } from '../../config.ts';
import { isFromOrigin } from './is-from-origin.ts';

const config = parseConfig(z.object({ ORIGIN_SECRET: z.string().min(32) }), process.env);

export const handler = async (event: APIGatewayRequestAuthorizerEventV2): Promise<APIGatewaySimpleAuthorizerResult> => ({
  isAuthorized: isFromOrigin(event.headers, config.ORIGIN_SECRET),
});
