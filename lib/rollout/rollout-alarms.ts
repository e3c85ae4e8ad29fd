import { ArnFormat, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { metricsNamespace } from '../../lambdas/metrics-namespace.ts';
import { alertsTopic } from '../alerts.ts';
import { EnvironmentStack } from '../environment-stack.ts';

/** Failed transcodes in five minutes: one may be a strange file. */
const TRANSCODE_FAILURES = 3;
/** Answers of the API in the 500s, in a minute. */
const API_FAULTS = 5;

/** What users feel when a phase went wrong: the alarms that AppConfig watches while it deploys and bakes. At any time they tell `alerts`. Quiet where nothing is measured. */
export class RolloutAlarms extends Construct {
  readonly transcode: cloudwatch.Alarm;
  readonly verification: cloudwatch.Alarm;
  readonly api: cloudwatch.Alarm;
  readonly #alerts: sns.ITopic;

  constructor(scope: Construct, id: string, { apiId }: { readonly apiId: string }) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    this.#alerts = alertsTopic(this);
    this.transcode = this.#alarm('Transcode', {
      name: 'rollout-transcode-failures',
      description: 'Transcodes fail: docs/runbook.md#rollout-transcode-failures',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/States',
        metricName: 'ExecutionsFailed',
        // By name: the machine's stack knows nothing of rollouts.
        dimensionsMap: {
          StateMachineArn: stack.formatArn({
            service: 'states',
            resource: 'stateMachine',
            resourceName: stack.nameOf('transcode'),
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
        statistic: cloudwatch.Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: TRANSCODE_FAILURES,
    });
    this.verification = this.#alarm('Verification', {
      name: 'rollout-verification-differences',
      description: 'Rows differ between LinkPick and VideoPick: docs/runbook.md#rollout-verification-differences',
      metric: new cloudwatch.Metric({
        namespace: metricsNamespace(stack.environmentConfig.name),
        metricName: 'Differences',
        dimensionsMap: { entity: 'all' },
        statistic: cloudwatch.Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: 1,
    });
    this.api = this.#alarm('Api', {
      name: 'rollout-api-faults',
      description: 'The API answers with faults of its own: docs/runbook.md#rollout-api-faults',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/ApiGateway',
        metricName: '5xx',
        dimensionsMap: { ApiId: apiId },
        statistic: cloudwatch.Stats.SUM,
        period: Duration.minutes(1),
      }),
      threshold: API_FAULTS,
    });
  }

  get all(): readonly cloudwatch.Alarm[] {
    return [this.transcode, this.verification, this.api];
  }

  #alarm(
    id: string,
    { name, ...props }: { name: string; description: string; metric: cloudwatch.Metric; threshold: number },
  ): cloudwatch.Alarm {
    const { description, ...rest } = props;
    const alarm = new cloudwatch.Alarm(this, id, {
      ...rest,
      alarmName: EnvironmentStack.of(this).nameOf(name),
      alarmDescription: description,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Nothing happened is quiet; INSUFFICIENT_DATA would roll a deployment back.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new actions.SnsAction(this.#alerts));
    return alarm;
  }
}
