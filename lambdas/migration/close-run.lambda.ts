import { S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { logger, step } from '../step.ts';
import { CloseRunInput, closeRun } from './close-run.ts';
import { MigrationConfig } from './config.ts';
import { runNotice } from './notice/run-notice.ts';
import { recordReport } from './report/record-report.ts';
import type { RunReport } from './run-report.ts';

const config = parseConfig(MigrationConfig, process.env);
const db = DataApi.connect(config);
const s3 = new S3Client();
const sns = new SNSClient();

export const handler = step(CloseRunInput, (input) => closeRun(input, { db, s3, reportBucket: config.REPORT_BUCKET, announce }));

/** Metrics and the notice. A retried close may say it twice. */
async function announce(report: RunReport, reportUrl: string): Promise<void> {
  recordReport(report);
  try {
    const { subject, message } = runNotice(report, { report: reportUrl });
    await sns.send(new PublishCommand({ TopicArn: config.NOTICES_TOPIC_ARN, Subject: subject, Message: message }));
  } catch (error) {
    logger.error('the notice of a closed run could not be published', error as Error);
  }
}
