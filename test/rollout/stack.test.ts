import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
import { DatabaseStack } from '../../lib/database/database-stack.ts';
import { FlagsStack } from '../../lib/rollout/flags-stack.ts';
import { RolloutStack } from '../../lib/rollout/rollout-stack.ts';
import { readAssembly } from '../../local/assembly/read-assembly.ts';
import { Specs } from '../../local/cloud/specs.ts';

const folder = mkdtempSync(join(tmpdir(), 'videopick-rollout-stack-'));
let specs: Specs;

beforeAll(() => {
  const prod = readEnvironment('prod');
  const scheduled = [{ phase: '4.2', at: '2026-12-07T10:00:00', percent: 10 }];
  const environment = { ...prod, rollout: { ...prod.rollout, scheduled } };
  const app = new App({ outdir: folder });
  const stack = (name: string) => ({ env: { region: environment.region }, stackName: `videopick-prod-${name}`, environment });
  const flags = new FlagsStack(app, 'Flags', stack('flags'));
  const { database } = new DatabaseStack(app, 'Database', stack('database'));
  new RolloutStack(app, 'Rollout', { ...stack('rollout'), database, flags, apiId: 'api1234567' });
  app.synth();
  specs = new Specs(readAssembly(folder));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the environment of the rollout', () => {
  it('is watched by three alarms that are quiet where nothing is measured', () => {
    const alarms = specs.resources('AWS::CloudWatch::Alarm');
    const [environment] = specs.resources('AWS::AppConfig::Environment');
    const monitors = environment?.properties.Monitors as readonly { AlarmArn: string; AlarmRoleArn: string }[];
    expect(alarms).toHaveLength(3);
    expect(monitors.map(({ AlarmArn }) => AlarmArn).sort()).toEqual(alarms.map(({ attributes }) => attributes.Arn).sort());
    for (const { properties } of alarms) expect(properties).toMatchObject({ TreatMissingData: 'notBreaching', EvaluationPeriods: 1 });
  });

  it('takes flags step by step with a time to bake, notices at once', () => {
    const strategies = specs.resources('AWS::AppConfig::DeploymentStrategy').map(({ properties }) => properties);
    expect(strategies).toEqual([
      expect.objectContaining({
        Name: 'videopick-prod-rollout',
        GrowthType: 'LINEAR',
        GrowthFactor: 10,
        DeploymentDurationInMinutes: 60,
        FinalBakeTimeInMinutes: 60,
      }),
      expect.objectContaining({
        Name: 'videopick-prod-rollout-at-once',
        GrowthFactor: 100,
        DeploymentDurationInMinutes: 0,
        FinalBakeTimeInMinutes: 0,
      }),
    ]);
  });

  it('begins with every phase closed and no notice, one deployment after the other', () => {
    const [flags, notices] = specs
      .resources('AWS::AppConfig::HostedConfigurationVersion')
      .map(({ properties }) => JSON.parse(String(properties.Content)));
    expect(
      Object.entries(flags.values)
        .filter(([, value]) => (value as { enabled: boolean }).enabled)
        .map(([key]) => key),
    ).toEqual(['video_processing_enabled', 'video_analytics_enabled']);
    expect(notices).toEqual({});
    expect(specs.resources('AWS::AppConfig::Deployment')).toHaveLength(2);
  });
});

it('asks how far a long deployment is seldom enough for the events of an execution', () => {
  const open = specs.functions().find(({ name }) => name.endsWith('open-rollout'));
  const seconds = Number(open?.environment.POLL_SECONDS);
  expect((120 * 60) / seconds).toBeLessThanOrEqual(1_000);
});

it('starts a scheduled phase at its time in Seoul, with its input, in the group of rollouts', () => {
  const [machine] = specs.machines();
  expect(specs.schedules()).toMatchObject([
    {
      groupName: 'videopick-prod-rollout',
      expression: 'at(2026-12-07T10:00:00)',
      timezone: 'Asia/Seoul',
      state: 'ENABLED',
      targetArn: machine?.arn,
      input: JSON.stringify({ phase: '4.2', percent: 10 }),
    },
  ]);
});

it('gives the app flagsFor without anything else: one small file for a browser', () => {
  const { outputFiles, metafile } = buildSync({
    entryPoints: ['lambdas/rollout/flags.ts'],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
  });
  expect(Object.keys(metafile.inputs).filter((file) => !file.startsWith('lambdas/rollout/'))).toEqual([]);
  expect(outputFiles[0]?.text.length).toBeLessThan(6_000);
});
