import { afterEach, expect, it, vi } from 'vitest';
import { flushMetrics, recordRun, recordVerification } from '../../lambdas/metrics.ts';
import { metricsNamespace } from '../../lambdas/metrics-namespace.ts';
import { embeddedMetrics } from '../../local/cloudwatch/embedded-metrics.ts';
import { alarm, localCloudWatch } from './local-cloudwatch.ts';

afterEach(() => vi.restoreAllMocks());

/** The lines that our functions write. */
function linesOf(record: () => void): readonly string[] {
  let written = '';
  flushMetrics();
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  record();
  flushMetrics();
  vi.restoreAllMocks();
  return written.split('\n');
}

it("alarms on what our own functions write, by the metric's dimensions, and not on what those of another environment write", () => {
  const differences = (outcome: string, environment = 'test') => ({
    Namespace: metricsNamespace(environment),
    MetricName: 'Differences',
    Statistic: 'Maximum',
    Dimensions: [
      { Name: 'outcome', Value: outcome },
      { Name: 'entity', Value: 'video' },
    ],
  });
  let laterMs = 0;
  const alarms = [
    alarm('missing', differences('missing')),
    alarm('extra', differences('extra')),
    alarm('elsewhere', differences('missing', 'prod')),
  ];
  const { cloudWatch, states } = localCloudWatch(alarms, { clock: () => Date.now() + laterMs });
  for (const line of linesOf(() => recordVerification({ entity: 'video', missing: 3, extra: 0, different: 1 })))
    cloudWatch.observeLog(line);
  laterMs = 60_000;
  cloudWatch.evaluate();
  expect(states()).toEqual({ missing: 'ALARM', extra: 'OK', elsewhere: 'OK' });
});

it('takes one sample per metric and set of dimensions, with every value of a list', () => {
  const directive = { Namespace: 'VideoPick', Dimensions: [['entity'], []], Metrics: [{ Name: 'Rows' }, { Name: 'Lag', Unit: 'Seconds' }] };
  const line = JSON.stringify({
    _aws: { Timestamp: 1000, CloudWatchMetrics: [directive] },
    entity: 'video',
    Rows: [1, 2],
    Lag: 5,
    runId: 'r',
  });
  const shared = { namespace: 'VideoPick', atMs: 1000 };
  const rows = [
    [1, 1],
    [2, 1],
  ];
  expect(embeddedMetrics(line)).toEqual([
    { ...shared, name: 'Rows', dimensions: { entity: 'video' }, values: rows },
    { ...shared, name: 'Lag', dimensions: { entity: 'video' }, values: [[5, 1]] },
    { ...shared, name: 'Rows', dimensions: {}, values: rows },
    { ...shared, name: 'Lag', dimensions: {}, values: [[5, 1]] },
  ]);
});

it.each([
  ['text', 'about "CloudWatchMetrics" and {'],
  ['a log entry', '{"level":"INFO","message":"done"}'],
  [
    'a metric without its value',
    '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[],"Metrics":[{"Name":"M"}]}]}}',
  ],
])('takes nothing from %s', (_, line) => {
  expect(embeddedMetrics(line)).toEqual([]);
});

it('reads every line of a run', () => {
  const samples = linesOf(() => recordRun({ runId: 'r', outcome: 'paused', durationMs: 5, quotaRemaining: 1, pending: 2 })).flatMap(
    embeddedMetrics,
  );
  expect(samples.map(({ name }) => name).sort()).toEqual(['PendingRows', 'QuotaRemaining', 'RunDuration', 'Runs']);
});
