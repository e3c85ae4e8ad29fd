import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { parseConfig } from '../../config.ts';
import { DataApi } from '../../data-api/data-api.ts';
import { signingKeyReader } from '../../delivery/read-signing-key.ts';
import { logger } from '../../step.ts';
import { connectFlags } from './flags-in-force.ts';
import { readStream } from './read-stream.ts';
import { StreamConfig } from './stream-config.ts';

const config = parseConfig(StreamConfig, process.env);
const dependencies = {
  db: DataApi.connect(config),
  flags: connectFlags(config, (problem) => logger.warn('going on with other flags than the deployed ones', { problem })),
  readSigningKey: signingKeyReader({
    client: new SecretsManagerClient(),
    secretArn: config.SIGNING_SECRET_ARN,
    keyPairId: config.SIGNING_KEY_PAIR_ID,
  }),
  now: () => new Date(),
  onError: (error: unknown) => logger.error('a stream could not be told', error as Error),
};

export const handler = (event: APIGatewayProxyEventV2) => readStream(event, dependencies);
