import { S3Client } from '@aws-sdk/client-s3';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { step } from '../step.ts';
import { PublishVideoInput, publishVideo } from './publish-video.ts';

const dependencies = { db: DataApi.connect(parseConfig(DatabaseConfig, process.env)), s3: new S3Client() };

export const handler = step(PublishVideoInput, (input) => publishVideo(input, dependencies));
