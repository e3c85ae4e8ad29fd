import { S3Client } from '@aws-sdk/client-s3';
import { step } from '../step.ts';
import { CheckOutputInput, checkOutput } from './check-output.ts';

const s3 = new S3Client();

export const handler = step(CheckOutputInput, (input, context) =>
  checkOutput(input, { s3, timeLeftMs: () => context.getRemainingTimeInMillis() }),
);
