import { describe, expect, it, onTestFinished } from 'vitest';
import { EnvironmentSchema } from '../../config/environment.ts';
import { readEnvironment } from '../../config/index.ts';
import { synthesizeApp } from './synthesized-app.ts';

describe('readEnvironment', () => {
  it.each([['nowhere'], ['Prod'], [''], [undefined], [42], ['toString'], ['constructor'], ['__proto__']])(
    'refuses %j: names it, the known ones, and what to do',
    (name) => {
      expect(() => readEnvironment(name)).toThrow(
        `there is no environment "${String(name)}"; choose one with -c env=NAME. Known: dev, staging, prod (config/index.ts)`,
      );
    },
  );
});

describe.each(['dev', 'staging', 'prod'])('%s', (name) => {
  it('synthesizes by itself: no account, no look-up', () => {
    const { app, assembly, remove } = synthesizeApp(name);
    onTestFinished(remove);
    const { manifest, stacks } = app.synth(); // what was synthesized: CDK keeps it
    expect(manifest.missing ?? []).toEqual([]);
    expect(stacks.every(({ stackName }) => stackName.startsWith(`videopick-${name}-`))).toBe(true);
    expect(assembly.resources.length).toBeGreaterThan(100);
  }, 120_000); // the first one bundles every function

  it('carries its own name', () => {
    expect(readEnvironment(name).name).toBe(name);
  });
});

it('keeps data in prod, and takes the phases’ own thresholds there', () => {
  expect(readEnvironment('prod')).toMatchObject({ keepData: true, rollout: { thresholds: {} } });
  expect(readEnvironment('prod').rollout.bakeMinutes).toBeGreaterThanOrEqual(30);
});

describe('an environment', () => {
  const valid = readEnvironment('dev');
  /** `dev` with one value changed; the path is dotted. */
  function changed(path: string, value: unknown): unknown {
    const copy = structuredClone(valid) as Record<string, unknown>;
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let holder = copy;
    for (const key of keys) holder = holder[key] as Record<string, unknown>;
    holder[last] = value;
    return copy;
  }

  it.each([
    ['name', 'test'],
    ['region', 'Seoul'],
    ['region', ''],
    ['availabilityZones', ['ap-northeast-2a']],
    ['keepData', 'no'],
    ['database.name', 'link-pick'],
    ['database.name', 'x; drop table users'],
    ['database.minCapacityAcu', -1],
    ['database.minCapacityAcu', 0.3],
    ['database.minCapacityAcu', 8],
    ['database.maxCapacityAcu', 0.5],
    ['database.maxCapacityAcu', 257],
    ['database.backupDays', 0],
    ['database.backupDays', 36],
    ['migration.settings.dailyLimit', 0],
    ['migration.settings.dailyLimit', 1.5],
    ['migration.settings.dailyLimit', '1000'],
    ['migration.settings.batchRows', 0],
    ['migration.settings.batchRows', 50_001],
    ['migration.scheduled', 1],
    ['migration.settings.batchRowz', 1],
    ['rollout.deploymentMinutes', -1],
    ['rollout.stepPercent', 0],
    ['rollout.bakeMinutes', 1_441],
    ['rollout.thresholds', { maxQuarantinePercent: 101 }],
    ['rollout.scheduled', [{ phase: '5.1', at: '2026-11-23T10:00:00' }]],
    ['rollout.scheduled', [{ phase: '4.1', at: '2026-11-23T10:00:00Z' }]],
    ['operatorNetworks', []],
    ['operatorNetworks', ['10.0.0.1']],
    ['operatorNetworks', ['10.0.0.0/33']],
    ['operatorNetworks', ['10.0.0.256/8']],
    ['operatorNetworks', ['2001:db8::/32']],
    ['unknown', true],
  ])('is refused with %s = %j, and the refusal names it', (path, value) => {
    const { error } = EnvironmentSchema.safeParse(changed(path, value));
    expect(error?.message).toContain(path.split('.').at(-1) ?? path);
  });

  it('is taken with values at their bounds', () => {
    for (const [path, value] of [
      ['database.minCapacityAcu', 4],
      ['database.maxCapacityAcu', 256],
      ['database.backupDays', 35],
      ['migration.settings.dailyLimit', 1],
      ['migration.settings.batchRows', 50_000],
      ['operatorNetworks', ['0.0.0.0/0', '203.0.113.7/32']],
    ] as const) {
      expect(EnvironmentSchema.safeParse(changed(path, value)).error, path).toBeUndefined();
    }
  });
});
