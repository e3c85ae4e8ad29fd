import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { EnvironmentStack } from './environment-stack.ts';

/** The AppConfig agent for arm64, by region. Source: AppConfig's list of extension versions, April 2026. */
const AGENT_LAYERS: Readonly<Record<string, string>> = {
  'ap-northeast-2': 'arn:aws:lambda:ap-northeast-2:826293736237:layer:AWS-AppConfig-Extension-Arm64:177',
};

/** A function that reads two profiles has one agent. */
const withAgent = new WeakSet<lambda.Function>();

/** Puts the AppConfig agent beside a function and lets it read the configurations. */
export function readConfigurations(reader: lambda.Function, resources: readonly string[]): void {
  if (!withAgent.has(reader)) {
    withAgent.add(reader);
    const { region } = EnvironmentStack.of(reader).environmentConfig;
    reader.addLayers(lambda.LayerVersion.fromLayerVersionArn(reader, 'AppConfigAgent', agentLayerArn(region)));
  }
  reader.addToRolePolicy(
    new iam.PolicyStatement({
      actions: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
      resources: [...resources],
    }),
  );
}

function agentLayerArn(region: string): string {
  const arn = AGENT_LAYERS[region];
  if (arn !== undefined) return arn;
  throw new Error(
    `no AppConfig agent is known for the region "${region}"; known: ${Object.keys(AGENT_LAYERS).join(', ')}. ` +
      'Add the ARN of its AWS-AppConfig-Extension-Arm64 layer (lib/app-config-agent.ts)',
  );
}
