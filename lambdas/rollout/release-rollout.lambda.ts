import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { step } from '../step.ts';
import { ReleaseRolloutInput, releaseRollout } from './release-rollout.ts';
import type { RolloutMessage } from './rollout-message.ts';
import { wire } from './wiring.ts';

const { config, ...dependencies } = wire(process.env);
const sns = new SNSClient();

async function tellHotline({ subject, text }: RolloutMessage): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: config.HOTLINE_TOPIC_ARN, Subject: subject, Message: text }));
}

export const handler = step(ReleaseRolloutInput, (input) => releaseRollout(input, { ...dependencies, tellHotline }));
