/** What a metric is: the same name with other dimensions is another metric. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values of a metric at a time, summed up. */
export interface Sample extends Metric {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Each with how often it occurred. */
  readonly values: readonly (readonly [value: number, count: number])[];
}

/** The same for the same metric, whatever the order of its dimensions. */
export function metricKey({ namespace, name, dimensions }: Metric): string {
  return JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

const AWS_METRICS: Readonly<Record<string, readonly string[]>> = {
  'AWS/States': [
    'ExecutionsStarted',
    'ExecutionsSucceeded',
    'ExecutionsFailed',
    'ExecutionsTimedOut',
    'ExecutionsAborted',
    'ExecutionTime',
  ],
  'AWS/Lambda': ['Invocations', 'Errors', 'Duration', 'Throttles'],
  'AWS/ApiGateway': ['Count', '4xx', '5xx', 'Latency'],
};

/** Whether anything here records the metric: those of the application are, of AWS's own the ones that stand-ins count. */
export function isRecorded({ namespace, name }: Metric): boolean {
  return !namespace.startsWith('AWS/') || AWS_METRICS[namespace]?.includes(name) === true;
}
