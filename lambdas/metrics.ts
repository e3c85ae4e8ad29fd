import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/**
 * What the migration tells CloudWatch, in embedded metric format: lines of the log, so no call and no permission. Two dimensions at most,
 * `entity` and `outcome`, both from closed sets; ids go along as metadata, which is searched and never counted as a metric of its own.
 * Values wait until `flushMetrics` and leave as one line per pair of dimensions; Powertools lets a line go early at 100 values. It takes the namespace
 * from POWERTOOLS_METRICS_NAMESPACE: that of the environment (metrics-namespace.ts), which lib/lambda-step.ts sets.
 */

/** Stands for the whole where a metric belongs to no single entity: every metric has a dimension, which the format asks for. */
const ALL = 'all';

/** Counts of one committed batch, and how long its statement took. A batch of nothing is not recorded. */
export function recordBatch(batch: {
  readonly entity: string;
  readonly completed: number;
  readonly quarantined: number;
  readonly batchMs: number;
  readonly runId?: string;
}): void {
  const { entity, completed, quarantined, batchMs, runId } = batch;
  if (completed + quarantined === 0) return;
  of({ entity, outcome: 'completed' }, runId).addMetric('Rows', MetricUnit.Count, completed);
  of({ entity, outcome: 'quarantined' }, runId).addMetric('Rows', MetricUnit.Count, quarantined);
  of({ entity }, runId).addMetric('BatchDuration', MetricUnit.Milliseconds, batchMs);
}

/** `outcome` says how the run ended, in one of a few words: `completed`, `paused`, `failed`… */
export function recordRun(run: {
  readonly runId: string;
  readonly outcome: string;
  readonly durationMs: number;
  readonly quotaRemaining: number;
  readonly pending: number;
}): void {
  const { runId, outcome, durationMs, quotaRemaining, pending } = run;
  of({ outcome }, runId).addMetric('Runs', MetricUnit.Count, 1).addMetric('RunDuration', MetricUnit.Milliseconds, durationMs);
  of({ entity: ALL }, runId)
    .addMetric('QuotaRemaining', MetricUnit.Count, quotaRemaining)
    .addMetric('PendingRows', MetricUnit.Count, pending);
}

/** How far the new side was behind when a catch-up ended: age of the oldest change that it applied or that still waits, and how many keys wait. */
export function recordCaptureLag({ lagSeconds, backlog }: { readonly lagSeconds: number; readonly backlog: number }): void {
  of({ entity: ALL }).addMetric('CaptureLag', MetricUnit.Seconds, lagSeconds).addMetric('CaptureBacklog', MetricUnit.Count, backlog);
}

/** Differences of one verified entity. Zeros are recorded too: an alarm tells "none" from "not verified" by them. */
export function recordVerification(found: {
  readonly entity: string;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly runId?: string;
}): void {
  const { entity, runId, missing, extra, different } = found;
  for (const [outcome, rows] of Object.entries({ missing, extra, different })) {
    of({ entity, outcome }, runId).addMetric('Differences', MetricUnit.Count, rows);
  }
  // An alarm adds up ten metrics at most, and there are more entities and outcomes: this is the one it watches.
  of({ entity: ALL }, runId).addMetric('Differences', MetricUnit.Count, missing + extra + different);
}

/** How many rows of one reason class are in quarantine now; the class is the outcome. */
export function recordQuarantine(size: {
  readonly entity: string;
  readonly class: string;
  readonly size: number;
  readonly runId?: string;
}): void {
  of({ entity: size.entity, outcome: size.class }, size.runId).addMetric('QuarantineSize', MetricUnit.Count, size.size);
}

/** Writes what was recorded since the last call. `step()` calls it however a step ends; without records it writes nothing. */
export function flushMetrics(): void {
  for (const metrics of recorded.values()) if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}

interface Dimensions {
  readonly entity?: string;
  readonly outcome?: string;
}

/** One recorder per pair of dimensions: a blob has one set of them. As many as there are entities times outcomes. */
const recorded = new Map<string, Metrics>();

function of(dimensions: Dimensions, runId?: string): Metrics {
  const key = `${dimensions.entity ?? ''} ${dimensions.outcome ?? ''}`;
  let metrics = recorded.get(key);
  if (metrics === undefined) {
    metrics = new Metrics();
    // Powertools would add the function's name as `service`, and one entity's rows would then be spread over functions.
    metrics.clearDefaultDimensions();
    metrics.setDefaultDimensions({ ...dimensions });
    recorded.set(key, metrics);
  }
  return runId === undefined ? metrics : metrics.addMetadata('runId', runId);
}
