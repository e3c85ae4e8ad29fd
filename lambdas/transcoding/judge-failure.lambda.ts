import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { step } from '../step.ts';
import { JudgeFailureInput, judgeFailure } from './judge-failure.ts';

const s3 = new S3Client();

async function objectExists(bucket: string, key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return false;
    throw error;
  }
}

export const handler = step(JudgeFailureInput, (input) => judgeFailure(input, { objectExists }));
