import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { connectFlags } from '../rollout/api/flags-in-force.ts';
import { logger } from '../step.ts';
import { answerUpload } from './uploads/answer-upload.ts';
import { PART_BYTES } from './uploads/part-plan.ts';
import { UploadConfig } from './uploads/upload-config.ts';

const config = parseConfig(UploadConfig, process.env);
const fixed = {
  db: DataApi.connect(config),
  flags: connectFlags(config, (problem) => logger.warn('going on with other flags than the deployed ones', { problem })),
  // The checksum the SDK adds by itself would be signed into the URLs, over a body that is not there yet.
  s3: new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' }),
  bucket: config.VIDEOS_BUCKET,
  maxBytes: config.MAX_VIDEO_SIZE_MB * 1024 * 1024,
  partBytes: PART_BYTES,
  newId: randomUUID,
  now: () => new Date(),
  onAnswer: (routeKey: string, facts: object) => logger.info('upload request answered', { routeKey, ...facts }),
  onError: (error: unknown) => logger.error('an upload request could not be answered', error as Error),
};

export const handler = (event: APIGatewayProxyEventV2, context: Context) =>
  answerUpload(event, { ...fixed, timeLeftMs: () => context.getRemainingTimeInMillis() });
