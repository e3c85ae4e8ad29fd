import {
  CreateApplicationCommand,
  CreateDeploymentStrategyCommand,
  GetApplicationCommand,
  GetConfigurationProfileCommand,
  GetDeploymentCommand,
  GetEnvironmentCommand,
  GetHostedConfigurationVersionCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListDeploymentsCommand,
  ListEnvironmentsCommand,
  ListHostedConfigurationVersionsCommand,
  StopDeploymentCommand,
  UpdateDeploymentStrategyCommand,
  UpdateEnvironmentCommand,
  ValidateConfigurationCommand,
} from '@aws-sdk/client-appconfig';
import { expect, it } from 'vitest';
import { create, deploy, served, start } from './documents.ts';
import {
  APPLICATION,
  AT_ONCE,
  ENVIRONMENT,
  type LocalAppConfig,
  MINUTE_MS,
  PROFILE,
  startAppConfig,
  stateFile,
  template,
  testClock,
} from './local-appconfig.ts';

const environment = { ApplicationId: APPLICATION, EnvironmentId: ENVIRONMENT };
const profile = { ApplicationId: APPLICATION, ConfigurationProfileId: PROFILE };
const stop = ({ control }: LocalAppConfig, number: number, revert?: boolean) =>
  control.send(
    new StopDeploymentCommand({ ...environment, DeploymentNumber: number, ...(revert === undefined ? {} : { AllowRevert: revert }) }),
  );

it("has the template's application, environment, profile and strategy, and its deployed version", async () => {
  const { control } = await startAppConfig();
  expect((await control.send(new ListApplicationsCommand())).Items).toMatchObject([{ Id: APPLICATION, Name: 'videopick-dev' }]);
  expect(await control.send(new GetApplicationCommand({ ApplicationId: APPLICATION }))).toMatchObject({ Name: 'videopick-dev' });
  const environments = await control.send(new ListEnvironmentsCommand({ ApplicationId: APPLICATION }));
  expect(environments.Items).toMatchObject([{ Id: ENVIRONMENT, Name: 'dev', State: 'READY_FOR_DEPLOYMENT' }]);
  const profiles = await control.send(new ListConfigurationProfilesCommand({ ApplicationId: APPLICATION, Type: 'AWS.Freeform' }));
  expect(profiles.Items).toMatchObject([
    { Id: PROFILE, Name: 'migration-settings', LocationUri: 'hosted', ValidatorTypes: ['JSON_SCHEMA'] },
  ]);
  const { Validators: validators } = await control.send(new GetConfigurationProfileCommand(profile));
  expect(JSON.parse(validators?.[0]?.Content ?? '')).toMatchObject({ type: 'object', additionalProperties: false });
  const strategies = await control.send(new ListDeploymentStrategiesCommand());
  expect(strategies.Items?.map(({ Id }) => Id)).toEqual(expect.arrayContaining([AT_ONCE, 'AppConfig.AllAtOnce']));
  expect((await control.send(new ListDeploymentsCommand(environment))).Items).toMatchObject([
    { DeploymentNumber: 1, ConfigurationVersion: '1', State: 'COMPLETE', PercentageComplete: 100, StartedAt: expect.any(Date) },
  ]);
});

it('keeps each version of a document, byte for byte', async () => {
  const local = await startAppConfig();
  const text = '{ "dailyLimit": 5,\n  "entities": {} }';
  expect(await create(local, text)).toBe(2);
  const version = await local.control.send(new GetHostedConfigurationVersionCommand({ ...profile, VersionNumber: 2 }));
  expect(Buffer.from(version.Content ?? []).toString()).toBe(text);
  expect(version).toMatchObject({ ...profile, VersionNumber: 2, ContentType: 'application/json' });
});

it('lists versions from the newest, a page at a time', async () => {
  const local = await startAppConfig();
  for (let n = 2; n <= 5; n += 1) await create(local, { dailyLimit: n });
  const first = await local.control.send(new ListHostedConfigurationVersionsCommand({ ...profile, MaxResults: 3 }));
  expect(first.Items?.map(({ VersionNumber }) => VersionNumber)).toEqual([5, 4, 3]);
  const rest = await local.control.send(
    new ListHostedConfigurationVersionsCommand({ ...profile, MaxResults: 3, NextToken: first.NextToken }),
  );
  expect(rest.Items?.map(({ VersionNumber }) => VersionNumber)).toEqual([2, 1]);
  expect(rest.NextToken).toBeUndefined();
});

it('takes a version only from who knows the latest one', async () => {
  const local = await startAppConfig();
  expect(await create(local, {}, 1)).toBe(2);
  await expect(create(local, {}, 1)).rejects.toMatchObject({
    name: 'ConflictException',
    message: expect.stringContaining('latest version is 2'),
  });
});

it('refuses to deploy a document that does not fit, and tells every field', async () => {
  const local = await startAppConfig();
  const version = await create(local, {
    dailyLimit: 0,
    batchRows: '100',
    colour: 'red',
    budgets: { CONSTRAINT: { percent: 101 }, CONSTRAINTS: {} },
    entities: { user: {}, vidoe: { enabled: false } },
  });
  const refusal = {
    name: 'BadRequestException',
    Reason: 'InvalidConfiguration',
    Details: {
      InvalidConfiguration: expect.arrayContaining(
        [
          '$.dailyLimit',
          '$.batchRows',
          '$.colour',
          '$.budgets.CONSTRAINT.percent',
          '$.budgets.CONSTRAINTS',
          '$.entities.user',
          '$.entities.vidoe',
        ].map((Location) => expect.objectContaining({ Type: 'JSON_SCHEMA', Location })),
      ),
    },
  };
  await expect(start(local, version)).rejects.toMatchObject(refusal);
  await expect(
    local.control.send(new ValidateConfigurationCommand({ ...profile, ConfigurationVersion: String(version) })),
  ).rejects.toMatchObject(refusal);
  await expect(start(local, await create(local, 'not JSON'))).rejects.toMatchObject({
    name: 'BadRequestException',
    Reason: 'InvalidConfiguration',
  });
  expect(await served(local)).toEqual({ dailyLimit: 1000 });
  expect((await local.control.send(new ListDeploymentsCommand(environment))).Items).toHaveLength(1);
});

it('validates a document that fits without deploying it', async () => {
  const local = await startAppConfig();
  const version = await create(local, { enabled: false });
  await local.control.send(new ValidateConfigurationCommand({ ...profile, ConfigurationVersion: String(version) }));
  expect(await served(local)).toEqual({ dailyLimit: 1000 });
});

it('runs one deployment at a time in an environment, also while one bakes', async () => {
  const clock = testClock();
  const local = await startAppConfig({ clock });
  const busy = await deploy(local, { dailyLimit: 2 }, 'AppConfig.AllAtOnce');
  expect(busy).toMatchObject({ DeploymentNumber: 2, State: 'BAKING', PercentageComplete: 100 });
  expect(await local.control.send(new GetEnvironmentCommand(environment))).toMatchObject({ State: 'DEPLOYING' });
  const version = await create(local, { dailyLimit: 3 });
  const attempts = await Promise.allSettled([start(local, version), start(local, version)]);
  for (const attempt of attempts) expect(attempt).toMatchObject({ reason: { name: 'ConflictException' } });
  clock.advance(10 * MINUTE_MS);
  expect(await start(local, version)).toMatchObject({ DeploymentNumber: 3, State: 'COMPLETE' });
  expect(await served(local)).toEqual({ dailyLimit: 3 });
});

it('of two deployments that start at once takes one', async () => {
  const local = await startAppConfig();
  const version = await create(local, { dailyLimit: 3 });
  const attempts = await Promise.allSettled([start(local, version, 'AppConfig.AllAtOnce'), start(local, version, 'AppConfig.AllAtOnce')]);
  expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'ConflictException' } });
});

it('grows in steps, bakes and completes, each as an event', async () => {
  const clock = testClock();
  const local = await startAppConfig({ clock });
  const { Id: strategy = '' } = await local.control.send(
    new CreateDeploymentStrategyCommand({
      Name: 'fifths',
      DeploymentDurationInMinutes: 10,
      GrowthFactor: 20,
      GrowthType: 'LINEAR',
      FinalBakeTimeInMinutes: 5,
      ReplicateTo: 'NONE',
    }),
  );
  await deploy(local, { dailyLimit: 2 }, strategy);
  const read = () => local.control.send(new GetDeploymentCommand({ ...environment, DeploymentNumber: 2 }));
  const course: (readonly [string | undefined, number | undefined])[] = [];
  for (let minute = 0; minute <= 15; minute += 1) {
    const { State: state, PercentageComplete: percentage } = await read();
    course.push([state, percentage]);
    clock.advance(MINUTE_MS);
  }
  expect(course.slice(0, 10)).toEqual([20, 20, 40, 40, 60, 60, 80, 80, 100, 100].map((percentage) => ['DEPLOYING', percentage]));
  expect(course.slice(10)).toEqual([...Array(5).fill(['BAKING', 100]), ['COMPLETE', 100]]);
  const { EventLog: events = [], CompletedAt: completed } = await read();
  expect(events.map(({ EventType }) => EventType)).toEqual([
    'DEPLOYMENT_COMPLETED',
    'BAKE_TIME_STARTED',
    ...Array(5).fill('PERCENTAGE_UPDATED'),
    'DEPLOYMENT_STARTED',
  ]);
  expect(completed?.toISOString()).toBe('2026-11-23T00:15:00.000Z');
});

it('changes the pace of deployments that begin from then on, and keeps it until the template says something else', async () => {
  const clock = testClock();
  const file = stateFile();
  const local = await startAppConfig({ clock, stateFile: file });
  const change = (id: string, minutes: number) =>
    local.control.send(new UpdateDeploymentStrategyCommand({ DeploymentStrategyId: id, FinalBakeTimeInMinutes: minutes }));
  const stateOf = async (number: number) =>
    (await local.control.send(new GetDeploymentCommand({ ...environment, DeploymentNumber: number }))).State;
  expect(await change(AT_ONCE, 5)).toMatchObject({ Name: 'all-at-once', GrowthFactor: 100, FinalBakeTimeInMinutes: 5 });
  await deploy(local, { dailyLimit: 2 }, AT_ONCE);
  await change(AT_ONCE, 0);
  expect(await stateOf(2)).toBe('BAKING');
  clock.advance(5 * MINUTE_MS);
  await deploy(local, { dailyLimit: 3 }, AT_ONCE);
  expect([await stateOf(2), await stateOf(3)]).toEqual(['COMPLETE', 'COMPLETE']);
  await expect(change('AppConfig.AllAtOnce', 0)).rejects.toMatchObject({ name: 'BadRequestException' });
  await expect(change('nothing', 0)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });

  await change(AT_ONCE, 7);
  const bakeMinutes = async (resources: ReturnType<typeof template>) => {
    const again = await startAppConfig({ clock, stateFile: file, resources });
    const { Items = [] } = await again.control.send(new ListDeploymentStrategiesCommand());
    return Items.find(({ Id }) => Id === AT_ONCE)?.FinalBakeTimeInMinutes;
  };
  expect(await bakeMinutes(template())).toBe(7);
  const declaring = (FinalBakeTimeInMinutes: number) =>
    template().map((resource) =>
      resource.ref === AT_ONCE ? { ...resource, properties: { ...resource.properties, FinalBakeTimeInMinutes } } : resource,
    );
  expect(await bakeMinutes(declaring(1))).toBe(1);
});

it('changes a strategy that a call has made', async () => {
  const { control } = await startAppConfig();
  const made = await control.send(
    new CreateDeploymentStrategyCommand({ Name: 'fifths', DeploymentDurationInMinutes: 10, GrowthFactor: 20, ReplicateTo: 'NONE' }),
  );
  await control.send(new UpdateDeploymentStrategyCommand({ DeploymentStrategyId: made.Id, GrowthFactor: 50 }));
  const { Items = [] } = await control.send(new ListDeploymentStrategiesCommand());
  expect(Items.filter(({ Name }) => Name === 'fifths')).toMatchObject([{ Id: made.Id, GrowthFactor: 50, DeploymentDurationInMinutes: 10 }]);
});

it('grows exponentially by the predefined canary', async () => {
  const clock = testClock();
  const local = await startAppConfig({ clock });
  await deploy(local, { dailyLimit: 2 }, 'AppConfig.Canary10Percent20Minutes');
  const seen = new Set<number | undefined>();
  for (let minute = 0; minute < 20; minute += 1) {
    const { PercentageComplete } = await local.control.send(new GetDeploymentCommand({ ...environment, DeploymentNumber: 2 }));
    seen.add(PercentageComplete);
    clock.advance(MINUTE_MS);
  }
  expect([...seen]).toEqual([10, 20, 40, 80, 100]);
});

it('rolls a deployment under way back, and serves what was served before', async () => {
  const clock = testClock();
  const local = await startAppConfig({ clock, random: () => 0 });
  await deploy(local, { dailyLimit: 2 }, 'AppConfig.Linear20PercentEvery6Minutes');
  expect(await served(local)).toEqual({ dailyLimit: 2 });
  expect(await stop(local, 2)).toMatchObject({ State: 'ROLLED_BACK', PercentageComplete: 20 });
  expect(await served(local)).toEqual({ dailyLimit: 1000 });
  expect(await local.control.send(new GetEnvironmentCommand(environment))).toMatchObject({ State: 'ROLLED_BACK' });
  clock.advance(24 * 60 * MINUTE_MS);
  expect(await served(local)).toEqual({ dailyLimit: 1000 });
});

it('reverts a completed deployment within 72 hours, when that is allowed', async () => {
  const clock = testClock();
  const local = await startAppConfig({ clock });
  await deploy(local, { dailyLimit: 2 });
  await expect(stop(local, 2)).rejects.toMatchObject({ name: 'BadRequestException', message: expect.stringContaining('is COMPLETE') });
  await expect(stop(local, 1, true)).rejects.toMatchObject({ message: expect.stringContaining('followed by deployment 2') });
  clock.advance(71 * 60 * MINUTE_MS);
  expect(await stop(local, 2, true)).toMatchObject({ State: 'REVERTED' });
  expect(await served(local)).toEqual({ dailyLimit: 1000 });
  await deploy(local, { dailyLimit: 4 });
  clock.advance(73 * 60 * MINUTE_MS);
  await expect(stop(local, 3, true)).rejects.toMatchObject({ message: expect.stringContaining('72 hours') });
});

it('answers what is not there with its name', async () => {
  const local = await startAppConfig();
  const missing = { name: 'ResourceNotFoundException' };
  await expect(local.control.send(new GetApplicationCommand({ ApplicationId: 'nowhere' }))).rejects.toMatchObject({
    ...missing,
    ResourceName: 'nowhere',
  });
  await expect(local.control.send(new GetDeploymentCommand({ ...environment, DeploymentNumber: 9 }))).rejects.toMatchObject(missing);
  await expect(start(local, 9)).rejects.toMatchObject(missing);
  await expect(start(local, 1, 'nothing')).rejects.toMatchObject(missing);
});

it('refuses by name what it does not do', async () => {
  const { control } = await startAppConfig();
  const refused = (what: string) => ({ name: 'NotImplementedException', message: expect.stringContaining(`${what} has no stand-in`) });
  await expect(control.send(new CreateApplicationCommand({ Name: 'x' }))).rejects.toMatchObject(refused('CreateApplication'));
  await expect(control.send(new UpdateEnvironmentCommand(environment))).rejects.toMatchObject(refused('UpdateEnvironment'));
  const strategy = { Name: 'x', DeploymentDurationInMinutes: 2000, GrowthFactor: 0, ReplicateTo: 'SSM_DOCUMENT' } as const;
  await expect(control.send(new CreateDeploymentStrategyCommand(strategy))).rejects.toMatchObject({
    name: 'BadRequestException',
    message: expect.stringMatching(/DeploymentDurationInMinutes.*GrowthFactor.*ReplicateTo/),
  });
});
