import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import type { EdgeEnv } from '../../lambdas/delivery/edge-config.ts';
import type { Database } from '../database/database.ts';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import { SigningKeys } from './signing-keys.ts';

export interface EdgeStackProps extends EnvironmentStackProps {
  readonly database: Database;
}

/**
 * What the edge knows: the key-value store that its functions read, and the keys that private videos are signed with. Apart from the
 * distribution, which stands in front of the API that signs, so that neither stack waits for the other.
 */
export class EdgeStack extends EnvironmentStack {
  readonly store: cloudfront.KeyValueStore;
  readonly signingKeys: SigningKeys;
  /** Takes `{"useLegacyRoutes": true, "reason": "…"}`; answers `{before, after}`. */
  readonly routeViewers: LambdaStep;

  constructor(scope: Construct, id: string, { database, ...props }: EdgeStackProps) {
    super(scope, id, props);
    this.store = new cloudfront.KeyValueStore(this, 'Store', {
      keyValueStoreName: this.nameOf('edge'),
      comment: 'use_legacy_routes, and a key per private video',
    });
    this.signingKeys = new SigningKeys(this, 'SigningKeys');
    const environment: EdgeEnv = { KEY_VALUE_STORE_ARN: this.store.keyValueStoreArn };
    this.routeViewers = new LambdaStep(this, 'RouteViewers', {
      entry: 'delivery/route-viewers',
      environment,
      timeout: Duration.minutes(1),
      memoryMb: 256,
    });
    this.#grantWrite(this.routeViewers, ['GetKey']);
    const hideVideos = new LambdaStep(this, 'HideVideos', {
      entry: 'delivery/hide-videos',
      environment: { ...database.environment, ...environment },
      timeout: Duration.minutes(5),
    }).keepFailures();
    database.grantDataApi(hideVideos);
    this.#grantWrite(hideVideos, ['ListKeys']);
    new scheduler.Schedule(this, 'EveryFiveMinutes', {
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(5)),
      target: new targets.LambdaInvoke(hideVideos, {
        input: scheduler.ScheduleTargetInput.fromObject({}),
        retryAttempts: 0,
        deadLetterQueue: deadLetters(this),
      }),
      description: 'Makes the edge refuse what has become private, every five minutes',
    });
    new CfnOutput(this, 'RouteViewersName', { value: this.routeViewers.functionName });
  }

  #grantWrite(step: LambdaStep, readActions: readonly string[]): void {
    const actions = ['DescribeKeyValueStore', 'UpdateKeys', ...readActions].map((action) => `cloudfront-keyvaluestore:${action}`);
    step.addToRolePolicy(new iam.PolicyStatement({ actions, resources: [this.store.keyValueStoreArn] }));
  }
}
