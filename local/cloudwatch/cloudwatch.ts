import type { Placement, Resource } from '../assembly/template.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { type JsonService, operationOf, type ServiceRequest, type ServiceResponse } from '../gateway/service.ts';
import type { Alarm, AlarmChange, AlarmState } from './alarm.ts';
import { AlarmBook } from './alarm-book.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { unsupported } from './errors.ts';
import { Evaluator } from './evaluator.ts';
import type { Sample } from './metric.ts';
import { alarmNotice } from './notice.ts';
import { describeAlarmHistory, describeAlarms, enableAlarmActions, putMetricData, setAlarmState } from './operations.ts';
import { readAlarms } from './read-alarms.ts';

export interface CloudWatchOptions extends Placement {
  /** The template's; those of other services are passed over. */
  readonly resources: readonly Resource[];
  /** Publishes to a topic; throws `AwsError` when it cannot. */
  readonly publish: (notice: { topicArn: string; subject: string; message: string }) => unknown;
  /** Keeps states and history over a restart. @default in memory */
  readonly stateFile?: string;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/**
 * CloudWatch: the template's alarms, evaluated over the metrics that functions write in embedded metric format and over those that the
 * stand-ins count. Speaks JSON 1.0, which is what the CLI and the JavaScript SDK send. The operations are here in process too, with the members
 * of the API in and out; they throw what the service answers, as `AwsError`.
 */
export class CloudWatch implements JsonService {
  readonly protocol = 'json-1.0';
  readonly #options: CloudWatchOptions;
  readonly #now: () => number;
  readonly #book: AlarmBook;
  readonly #evaluator: Evaluator;
  readonly #listeners = new Set<(change: AlarmChange) => void>();
  #timer: NodeJS.Timeout | undefined;

  /** @throws {UserError} when an alarm cannot be evaluated or the kept state cannot be read */
  constructor(options: CloudWatchOptions) {
    this.#options = options;
    this.#now = options.clock ?? Date.now;
    const onChange = (alarm: Alarm, change: AlarmChange) => this.#changed(alarm, change);
    this.#book = new AlarmBook(readAlarms(options.resources), { stateFile: options.stateFile, now: this.#now, onChange });
    this.#evaluator = new Evaluator(this.#book);
  }

  /** Evaluates now and from now on at every interval. */
  start(): void {
    this.evaluate();
    const schedule = () => {
      this.#timer = setTimeout(() => {
        this.evaluate();
        schedule();
      }, this.#evaluator.nextMs(this.#now()) - this.#now()).unref();
    };
    schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Evaluates every alarm once, over what ended by now. */
  evaluate(): void {
    this.#evaluator.run(this.#now());
    this.#evaluateRules();
  }

  /** Called when an alarm goes to another state, before its actions. Returns the function that takes the listener off. */
  onAlarm(listener: (change: AlarmChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param nameOrArn undefined is answered for an alarm that no template declares */
  stateOf(nameOrArn: string): AlarmState | undefined {
    const alarm = this.#book.find(nameOrArn);
    return alarm && this.#book.status(alarm).state;
  }

  /** Takes the metrics out of a line that a function wrote, if it has any. */
  observeLog(line: string): void {
    for (const sample of embeddedMetrics(line)) this.record(sample);
  }

  record(sample: Sample): void {
    this.#evaluator.record(sample);
  }

  describeAlarms(input: unknown) {
    return describeAlarms(this.#book, input);
  }

  setAlarmState(input: unknown) {
    return setAlarmState(this.#book, input);
  }

  describeAlarmHistory(input: unknown) {
    return describeAlarmHistory(this.#book, input);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    try {
      return { body: Buffer.from(JSON.stringify(this.#answer(operationOf(request), parseBody(request)), onWire)) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return refusal(error);
    }
  }

  #answer(operation: string, input: unknown): unknown {
    switch (operation) {
      case 'DescribeAlarms':
        return this.describeAlarms(input);
      case 'SetAlarmState':
        return this.setAlarmState(input);
      case 'DescribeAlarmHistory':
        return this.describeAlarmHistory(input);
      case 'EnableAlarmActions':
        return enableAlarmActions(this.#book, input, true);
      case 'DisableAlarmActions':
        return enableAlarmActions(this.#book, input, false);
      case 'PutMetricData':
        return putMetricData(this.#evaluator, input, this.#now());
      default:
        throw unsupported(operation || 'request in another protocol than JSON 1.0');
    }
  }

  #changed(alarm: Alarm, change: AlarmChange): void {
    for (const listener of this.#listeners) listener(change);
    if (change.actionsEnabled) for (const topicArn of alarm.actions[change.state]) this.#act(alarm, change, topicArn);
    if (alarm.kind === 'metric') this.#evaluateRules();
  }

  #act(alarm: Alarm, change: AlarmChange, topicArn: string): void {
    const data = { actionState: 'Succeeded', stateUpdateTimestamp: change.atMs, notificationResource: topicArn };
    try {
      this.#options.publish({ topicArn, ...alarmNotice(alarm, change, this.#options) });
      this.#book.record(alarm, 'Action', `Successfully executed action ${topicArn}`, data);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const summary = `Failed to execute action ${topicArn}. Received error: "${error.message}"`;
      this.#book.record(alarm, 'Action', summary, { ...data, actionState: 'Failed', error: error.message });
    }
  }

  /** In the order of their names; an alarm that refers to a later composite one follows it at the next evaluation. */
  #evaluateRules(): void {
    for (const alarm of this.#book.alarms()) {
      if (alarm.kind !== 'composite') continue;
      const matches = alarm.rule.matches((nameOrArn) => this.stateOf(nameOrArn) ?? 'INSUFFICIENT_DATA');
      const state = matches ? 'ALARM' : 'OK';
      this.#book.evaluated(alarm, { state, reason: `${alarm.name} transitioned to ${state}: its rule is ${matches ? 'met' : 'not met'}.` });
    }
  }
}

function parseBody({ body }: ServiceRequest): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch (cause) {
    throw new AwsError('SerializationException', `the request body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Times are epoch seconds in JSON 1.0. */
function onWire(name: string, value: unknown): unknown {
  return name.endsWith('Timestamp') && typeof value === 'string' ? Date.parse(value) / 1000 : value;
}

/** The error's old name goes in a header, where clients of an API that once was a query API look for it. */
function refusal({ code, status, message }: AwsError): ServiceResponse {
  return {
    status,
    headers: { 'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}` },
    body: { __type: `com.amazonaws.cloudwatch#${code}`, message },
  };
}
