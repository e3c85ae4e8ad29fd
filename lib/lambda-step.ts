import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { metricsNamespace } from '../lambdas/metrics-namespace.ts';
import { bundleOf } from './bundle.ts';
import { deadLetters } from './dead-letters.ts';
import { EnvironmentStack } from './environment-stack.ts';

export interface LambdaStepProps {
  /** `migration/copy-entity` for `lambdas/migration/copy-entity.lambda.ts`. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  /** @default 15 minutes */
  readonly timeout?: Duration;
  /** @default 512 */
  readonly memoryMb?: number;
  /** Of the process, beside the source maps. @default none */
  readonly nodeOptions?: readonly string[];
}

/** A Lambda as this application makes them: Node 24 on arm64, bundled, JSON logs kept for three months, named after its entry. */
export class LambdaStep extends lambda.Function {
  constructor(scope: Construct, id: string, props: LambdaStepProps) {
    const { entry, environment, timeout = Duration.minutes(15), memoryMb = 512, nodeOptions = [] } = props;
    const stack = EnvironmentStack.of(scope);
    const functionName = stack.nameOf(entry.slice(entry.lastIndexOf('/') + 1));
    const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Its own role: the one CDK would make may write to every log group of the account.
    const role = new iam.Role(scope, `${id}Role`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      functionName,
      role,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundleOf(entry)),
      handler: 'index.handler',
      timeout,
      memorySize: memoryMb,
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup,
      environment: {
        ...environment,
        NODE_OPTIONS: ['--enable-source-maps', ...nodeOptions].join(' '),
        POWERTOOLS_SERVICE_NAME: functionName,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(stack.environmentConfig.name),
      },
    });
  }

  /**
   * For a target of a rule or a schedule, for which nobody waits: an event at which the function still fails when Lambda has tried it three times goes to the
   * dead letters.
   */
  keepFailures(): this {
    this.configureAsyncInvoke({ onFailure: new SqsDestination(deadLetters(this)) });
    return this;
  }
}
