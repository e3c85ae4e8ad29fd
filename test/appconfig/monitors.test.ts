import { GetDeploymentCommand, GetEnvironmentCommand, StopDeploymentCommand } from '@aws-sdk/client-appconfig';
import { expect, it } from 'vitest';
import { AppConfig } from '../../local/appconfig/app-config.ts';
import { alarm, arnOf, localCloudWatch } from '../cloudwatch/local-cloudwatch.ts';
import { create, deploy, served, start } from './documents.ts';
import {
  APPLICATION,
  AT_ONCE,
  ENVIRONMENT,
  type LocalAppConfig,
  MINUTE_MS,
  PROFILE,
  SETTINGS_PATH,
  startAppConfig,
  stateFile,
  template,
  testClock,
} from './local-appconfig.ts';

const environment = { ApplicationId: APPLICATION, EnvironmentId: ENVIRONMENT };
const LINEAR = 'AppConfig.Linear20PercentEvery6Minutes';

/** The template with an alarm that watches its environment. */
function watched() {
  const monitors = [{ AlarmArn: arnOf('errors'), AlarmRoleArn: 'arn:aws:iam::123456789012:role/alarms' }];
  const environment = template().map((resource) =>
    resource.ref === ENVIRONMENT ? { ...resource, properties: { ...resource.properties, Monitors: monitors } } : resource,
  );
  return [...environment, alarm('errors')];
}

/** AppConfig and CloudWatch as the embedded cloud connects them, on one clock. */
async function startWatched({ stateFile: file, clock = testClock() }: { stateFile?: string; clock?: ReturnType<typeof testClock> } = {}) {
  const { cloudWatch } = localCloudWatch([alarm('errors'), alarm('unrelated')], { clock });
  cloudWatch.evaluate();
  const local = await startAppConfig({ resources: watched(), clock, random: () => 0, ...(file !== undefined && { stateFile: file }) });
  cloudWatch.onAlarm((change) => local.appConfig.alarmChanged(change));
  const force = (StateValue: string, AlarmName = 'errors') => cloudWatch.setAlarmState({ AlarmName, StateValue, StateReason: 'drill' });
  return { local, cloudWatch, clock, force };
}

const deployment = ({ control }: LocalAppConfig, number = 2) =>
  control.send(new GetDeploymentCommand({ ...environment, DeploymentNumber: number }));

it.each(['ALARM', 'INSUFFICIENT_DATA'])('rolls a growing deployment back when an alarm goes to %s', async (state) => {
  const { local, clock, force } = await startWatched();
  await deploy(local, { dailyLimit: 2 }, LINEAR);
  expect(await served(local)).toEqual({ dailyLimit: 2 });
  clock.advance(7 * MINUTE_MS);
  force(state);
  const { State, EventLog = [], PercentageComplete } = await deployment(local);
  expect({ State, PercentageComplete }).toEqual({ State: 'ROLLED_BACK', PercentageComplete: 40 });
  expect(EventLog.slice(0, 2)).toMatchObject([
    { EventType: 'ROLLBACK_COMPLETED', TriggeredBy: 'APPCONFIG' },
    { EventType: 'ROLLBACK_STARTED', TriggeredBy: 'CLOUDWATCH_ALARM', Description: expect.stringContaining(arnOf('errors')) },
  ]);
  expect(await served(local)).toEqual({ dailyLimit: 1000 });
  expect(await local.control.send(new GetEnvironmentCommand(environment))).toMatchObject({
    State: 'ROLLED_BACK',
    Monitors: [{ AlarmArn: arnOf('errors') }],
  });
});

it('rolls back during the bake, and takes the next deployment', async () => {
  const { local, force } = await startWatched();
  expect(await deploy(local, { dailyLimit: 2 }, 'AppConfig.AllAtOnce')).toMatchObject({ State: 'BAKING' });
  expect(await served(local)).toEqual({ dailyLimit: 2 });
  force('ALARM');
  expect(await served(local)).toEqual({ dailyLimit: 1000 });
  force('OK');
  expect(await deploy(local, { dailyLimit: 3 }, AT_ONCE)).toMatchObject({ DeploymentNumber: 3, State: 'COMPLETE' });
  expect(await served(local)).toEqual({ dailyLimit: 3 });
});

it.each([
  ['an alarm that is no monitor', 'ALARM', 'unrelated', false],
  ['an alarm that goes to OK', 'OK', 'errors', false],
  ['an alarm whose actions are disabled', 'ALARM', 'errors', true],
])('leaves a deployment alone for %s', async (_, state, name, disabled) => {
  const { local, cloudWatch, force } = await startWatched();
  if (state === 'OK') force('ALARM');
  if (disabled) {
    const headers = { 'x-amz-target': 'GraniteServiceVersion20100801.DisableAlarmActions' };
    const body = Buffer.from(JSON.stringify({ AlarmNames: [name] }));
    await cloudWatch.handle({ method: 'POST', path: '/', query: new URLSearchParams(), headers, body });
  }
  await deploy(local, { dailyLimit: 2 }, LINEAR);
  force(state, name);
  expect(await deployment(local)).toMatchObject({ State: 'DEPLOYING' });
});

it('leaves what is complete as it is', async () => {
  const { local, force } = await startWatched();
  await deploy(local, { dailyLimit: 2 });
  force('ALARM');
  expect(await deployment(local)).toMatchObject({ State: 'COMPLETE' });
  expect(await served(local)).toEqual({ dailyLimit: 2 });
});

it('remembers a rollback over a restart', async () => {
  const file = stateFile();
  const { local, clock, force } = await startWatched({ stateFile: file });
  await deploy(local, { dailyLimit: 2 }, LINEAR);
  force('ALARM');
  await local.close();
  const { local: after } = await startWatched({ stateFile: file, clock });
  expect(await deployment(after)).toMatchObject({ State: 'ROLLED_BACK', EventLog: [{}, { TriggeredBy: 'CLOUDWATCH_ALARM' }, {}, {}] });
  expect(await served(after)).toEqual({ dailyLimit: 1000 });
});

it('stops by a person a deployment that bakes, when a revert is allowed', async () => {
  const { local } = await startWatched();
  await deploy(local, { dailyLimit: 2 }, 'AppConfig.AllAtOnce');
  const stop = (AllowRevert: boolean) =>
    local.control.send(new StopDeploymentCommand({ ...environment, DeploymentNumber: 2, AllowRevert }));
  await expect(stop(false)).rejects.toMatchObject({ name: 'BadRequestException' });
  expect(await stop(true)).toMatchObject({
    State: 'ROLLED_BACK',
    EventLog: expect.arrayContaining([expect.objectContaining({ TriggeredBy: 'USER' })]),
  });
});

it('refuses an alarm that no template declares', () => {
  const resources = watched().filter(({ type }) => type !== 'AWS::CloudWatch::Alarm');
  expect(() => new AppConfig({ resources })).toThrow(/watches the alarm .*:errors, which no template declares/);
});

it('refuses a sixth alarm', () => {
  const Monitors = Array.from({ length: 6 }, (_, index) => ({ AlarmArn: arnOf(`a${index}`) }));
  const resources = template().map((resource) =>
    resource.ref === ENVIRONMENT ? { ...resource, properties: { ...resource.properties, Monitors } } : resource,
  );
  expect(() => new AppConfig({ resources })).toThrow(/Monitors/);
});

it("does in process what the API does, with the API's members", async () => {
  const { local, clock } = await startWatched();
  const { appConfig } = local;
  const profile = { ApplicationId: APPLICATION, ConfigurationProfileId: PROFILE };
  const created = appConfig.createHostedConfigurationVersion({
    ...profile,
    Content: '{"dailyLimit":7}',
    ContentType: 'application/json',
    LatestVersionNumber: 1,
  });
  expect(created).toMatchObject({ ...profile, VersionNumber: 2, Content: '{"dailyLimit":7}' });
  const input = { ...environment, ConfigurationProfileId: PROFILE, DeploymentStrategyId: LINEAR };
  const started = appConfig.startDeployment({ ...input, ConfigurationVersion: '2' });
  expect(started).toMatchObject({
    DeploymentNumber: 2,
    State: 'DEPLOYING',
    StartedAt: '2026-11-23T00:00:00.000Z',
    EnvironmentId: ENVIRONMENT,
  });
  expect(() => appConfig.startDeployment({ ...input, ConfigurationVersion: '2' })).toThrow(
    expect.objectContaining({ code: 'ConflictException' }),
  );
  expect(Object.keys(started)).not.toContain('CompletedAt');
  clock.advance(60 * MINUTE_MS);
  const number = { ...environment, DeploymentNumber: 2 };
  expect(appConfig.getDeployment(number)).toMatchObject({ State: 'COMPLETE', CompletedAt: '2026-11-23T01:00:00.000Z' });
  expect(await served(local, SETTINGS_PATH)).toEqual({ dailyLimit: 7 });
  expect(appConfig.stopDeployment({ ...number, AllowRevert: true })).toMatchObject({ State: 'REVERTED' });
  expect(await served(local, SETTINGS_PATH)).toEqual({ dailyLimit: 1000 });
});

it.each([
  ['a version that is a number', { ConfigurationVersion: 2 }, /ConfigurationVersion.*expected string/],
  ['an unknown member', { ConfigurationVersion: '1', Strategy: 'x' }, /Strategy/],
])('refuses in process %s', async (_, members, message) => {
  const { local } = await startWatched();
  const input = { ...environment, ConfigurationProfileId: PROFILE, DeploymentStrategyId: LINEAR, ...members };
  expect(() => local.appConfig.startDeployment(input)).toThrow(
    expect.objectContaining({ code: 'BadRequestException', message: expect.stringMatching(message) }),
  );
  expect(await start(local, await create(local, {}))).toMatchObject({ DeploymentNumber: 2 });
});
