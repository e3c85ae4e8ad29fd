import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Resource } from '../../local/assembly/template.ts';
import { CloudWatch, type CloudWatchOptions } from '../../local/cloudwatch/cloudwatch.ts';
import { Gateway } from '../../local/gateway/gateway.ts';

export const PLACEMENT = { region: 'ap-northeast-2', accountId: '123456789012' };
export const HOTLINE = 'arn:aws:sns:ap-northeast-2:123456789012:hotline';
export const MINUTE_MS = 60_000;

/** The metric of the alarm that `alarm()` makes. */
export const REFUSALS = { namespace: 'VideoPick/Rollout', name: 'Refusals', dimensions: { phase: '4.1' } };

export function arnOf(name: string): string {
  return `arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:${name}`;
}

function resource(type: string, name: string, properties: Record<string, unknown>): Resource {
  return {
    stack: 'operations',
    logicalId: name,
    type: `AWS::CloudWatch::${type}`,
    ref: name,
    attributes: { Arn: arnOf(name) },
    properties,
  };
}

/** An alarm as a template gives it: more than 0 refusals in the last minute. */
export function alarm(name: string, properties: Record<string, unknown> = {}): Resource {
  return resource('Alarm', name, {
    AlarmName: name,
    Namespace: REFUSALS.namespace,
    MetricName: REFUSALS.name,
    Dimensions: [{ Name: 'phase', Value: '4.1' }],
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
  });
}

/** The same alarm over lines of metric math. */
export function mathAlarm(name: string, metrics: readonly object[], properties: Record<string, unknown> = {}): Resource {
  const { Namespace, MetricName, Dimensions, Statistic, Period, ...rest } = alarm(name).properties;
  return resource('Alarm', name, { ...rest, Metrics: metrics, ...properties });
}

export function compositeAlarm(name: string, rule: string): Resource {
  return resource('CompositeAlarm', name, { AlarmName: name, AlarmRule: rule });
}

/** A clock that stands until it is moved. */
export function testClock(start = '2026-11-23T00:00:00Z') {
  let nowMs = Date.parse(start);
  const clock = () => nowMs;
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return Object.assign(clock, { advance });
}

export interface Notice {
  readonly topicArn: string;
  readonly subject: string;
  readonly message: string;
}

/** The stand-in with a clock of its own, and what its alarms publish. */
export function localCloudWatch(resources: readonly Resource[], options: Partial<CloudWatchOptions> = {}) {
  const clock = testClock();
  const notices: Notice[] = [];
  const cloudWatch = new CloudWatch({ ...PLACEMENT, resources, clock, publish: (notice) => notices.push(notice), ...options });
  const names = resources.map(({ ref }) => ref);
  return {
    cloudWatch,
    clock,
    notices,
    states: () => Object.fromEntries(names.map((name) => [name, cloudWatch.stateOf(name)])),
    /** A value of the metric that `alarm()` watches. */
    refuse: (value = 1) => cloudWatch.record({ ...REFUSALS, atMs: clock(), values: [[value, 1]] }),
    /** Lets minutes pass, each with its evaluation. */
    pass: (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 1) {
        clock.advance(MINUTE_MS);
        cloudWatch.evaluate();
      }
    },
  };
}

/** The stand-in behind a gateway, asked by the AWS CLI. Closed when the test is finished. */
export async function serveCloudWatch(cloudWatch: CloudWatch) {
  const gateway = new Gateway({
    services: new Map([['monitoring', cloudWatch]]),
    web: (_, response) => void response.end(),
    onError: () => {},
  });
  const endpoint = await gateway.listen(0);
  onTestFinished(() => gateway.close());
  const run = promisify(execFile);
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DEFAULT_REGION: PLACEMENT.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
  return {
    endpoint,
    /** `aws cloudwatch …`, its output parsed. */
    async aws(...parameters: readonly string[]) {
      const { stdout } = await run('aws', ['cloudwatch', ...parameters, '--output', 'json'], { env });
      return stdout === '' ? undefined : JSON.parse(stdout);
    },
  };
}
