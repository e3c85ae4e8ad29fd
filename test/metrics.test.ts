import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { flushMetrics, recordBatch, recordCaptureLag, recordQuarantine, recordRun, recordVerification } from '../lambdas/metrics.ts';
import { metricsNamespace } from '../lambdas/metrics-namespace.ts';
import { logger, step } from '../lambdas/step.ts';

const runId = '6b9f1f2e-8d5e-4f8e-9d5c-0c2f7a4a1e11';
let written: string;

beforeEach(() => {
  flushMetrics();
  written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}
interface Emf extends Record<string, unknown> {
  readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
}

/** The lines that CloudWatch would read, each checked against the format: every metric has a numeric value, every dimension a text. */
function emitted() {
  flushMetrics();
  const lines = written.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const emf = JSON.parse(line) as Emf;
    expect(emf._aws.Timestamp).toBeGreaterThan(Date.now() - 60_000);
    expect(emf._aws.CloudWatchMetrics).toHaveLength(1);
    const [{ Namespace, Dimensions, Metrics } = { Namespace: '', Dimensions: [], Metrics: [] }] = emf._aws.CloudWatchMetrics;
    expect(Namespace).toBe(metricsNamespace('test'));
    expect(Dimensions).toHaveLength(1);
    const names = Dimensions[0] ?? [];
    expect(names.length).toBeGreaterThan(0);
    expect(['entity', 'outcome']).toEqual(expect.arrayContaining([...names]));
    const values = Object.fromEntries(Metrics.map(({ Name }) => [Name, emf[Name]]));
    for (const value of Object.values(values).flat()) expect(value).toBeTypeOf('number');
    for (const name of names) expect(emf[name]).toBeTypeOf('string');
    return { dimensions: Object.fromEntries(names.map((name) => [name, emf[name]])), values, emf };
  });
}

const facts = () => emitted().map(({ dimensions, values }) => ({ dimensions, values }));

describe('metrics', () => {
  it('writes a batch as rows by entity and outcome, and the duration by entity', () => {
    recordBatch({ entity: 'video', completed: 98, quarantined: 2, batchMs: 120, runId });
    expect(facts()).toEqual([
      { dimensions: { entity: 'video', outcome: 'completed' }, values: { Rows: 98 } },
      { dimensions: { entity: 'video', outcome: 'quarantined' }, values: { Rows: 2 } },
      { dimensions: { entity: 'video' }, values: { BatchDuration: 120 } },
    ]);
  });

  it('gathers the batches of a step into one line per pair of dimensions', () => {
    for (const batchMs of [10, 20, 30]) recordBatch({ entity: 'user', completed: 5, quarantined: 0, batchMs });
    expect(facts().map(({ values }) => values)).toEqual([{ Rows: [5, 5, 5] }, { Rows: [0, 0, 0] }, { BatchDuration: [10, 20, 30] }]);
  });

  it('keeps the dimensions on lines that leave early, at the format’s 100 values', () => {
    for (let batch = 0; batch < 250; batch++) recordBatch({ entity: 'user', completed: 1, quarantined: 1, batchMs: 1 });
    const lines = emitted();
    expect(lines.filter(({ values }) => 'BatchDuration' in values).map(({ values }) => (values.BatchDuration as number[]).length)).toEqual([
      100, 100, 50,
    ]);
    for (const { dimensions } of lines) expect(dimensions.entity).toBe('user');
  });

  it('records nothing for a batch without rows', () => {
    recordBatch({ entity: 'user', completed: 0, quarantined: 0, batchMs: 4 });
    expect(emitted()).toEqual([]);
  });

  it('writes a run by its outcome, with its id as metadata and not as a dimension', () => {
    recordRun({ runId, outcome: 'paused', durationMs: 61_000, quotaRemaining: 400, pending: 12_000 });
    const [run, all] = emitted();
    expect(run).toMatchObject({ dimensions: { outcome: 'paused' }, values: { Runs: 1, RunDuration: 61_000 }, emf: { runId } });
    expect(all).toMatchObject({ dimensions: { entity: 'all' }, values: { QuotaRemaining: 400, PendingRows: 12_000 }, emf: { runId } });
  });

  it('writes capture lag, differences and the quarantine by class', () => {
    recordCaptureLag({ lagSeconds: 2.5, backlog: 17 });
    recordVerification({ entity: 'channel', missing: 0, extra: 1, different: 2 });
    recordQuarantine({ entity: 'video', class: 'MISSING_REFERENCE', size: 45 });
    expect(facts()).toEqual(
      expect.arrayContaining([
        { dimensions: { entity: 'all' }, values: { CaptureLag: 2.5, CaptureBacklog: 17, Differences: 3 } },
        { dimensions: { entity: 'channel', outcome: 'missing' }, values: { Differences: 0 } },
        { dimensions: { entity: 'channel', outcome: 'extra' }, values: { Differences: 1 } },
        { dimensions: { entity: 'channel', outcome: 'different' }, values: { Differences: 2 } },
        { dimensions: { entity: 'video', outcome: 'MISSING_REFERENCE' }, values: { QuarantineSize: 45 } },
      ]),
    );
  });

  it('carries no id of one step into the lines of the next', () => {
    recordBatch({ entity: 'user', completed: 1, quarantined: 0, batchMs: 1, runId });
    emitted();
    written = '';
    recordBatch({ entity: 'user', completed: 1, quarantined: 0, batchMs: 1 });
    for (const { emf } of emitted()) expect(emf).not.toHaveProperty('runId');
  });

  it('writes nothing when nothing was recorded', () => {
    const warned = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    expect(emitted()).toEqual([]);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('step', () => {
  const context = { awsRequestId: 'r-1', functionName: 'f' } as unknown as Context;
  const record = () => recordBatch({ entity: 'user', completed: 3, quarantined: 0, batchMs: 1 });

  it('writes the metrics of a step that ends well', async () => {
    vi.spyOn(logger, 'info').mockImplementation(() => undefined);
    await step(z.unknown(), async () => record())({}, context);
    expect(written).toContain('"Rows":3');
  });

  it('writes the metrics of a step that fails: what was committed before it stays counted', async () => {
    const failing = step(z.unknown(), async () => {
      record();
      throw new Error('the lease is gone');
    });
    await expect(failing({}, context)).rejects.toThrow('the lease is gone');
    expect(written).toContain('"Rows":3');
  });
});
