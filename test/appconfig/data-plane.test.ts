import { GetLatestConfigurationCommand, StartConfigurationSessionCommand } from '@aws-sdk/client-appconfigdata';
import { expect, it } from 'vitest';
import { deploy, served } from './documents.ts';
import {
  APPLICATION,
  ENVIRONMENT,
  type LocalAppConfig,
  MINUTE_MS,
  PROFILE,
  SETTINGS_PATH,
  startAppConfig,
  template,
  testClock,
} from './local-appconfig.ts';

async function session({ data }: LocalAppConfig, options: object = {}): Promise<string> {
  const { InitialConfigurationToken: token = '' } = await data.send(
    new StartConfigurationSessionCommand({
      ApplicationIdentifier: 'videopick-dev',
      EnvironmentIdentifier: 'dev',
      ConfigurationProfileIdentifier: 'migration-settings',
      ...options,
    }),
  );
  return token;
}

async function latest({ data }: LocalAppConfig, token: string) {
  const answer = await data.send(new GetLatestConfigurationCommand({ ConfigurationToken: token }));
  return {
    next: answer.NextPollConfigurationToken ?? '',
    text: Buffer.from(answer.Configuration ?? []).toString(),
    type: answer.ContentType,
  };
}

const problem = (Problem: string) => ({
  name: 'BadRequestException',
  Reason: 'InvalidParameters',
  Details: { InvalidParameters: { ConfigurationToken: { Problem } } },
});

it('gives a session the document once, then only what has changed', async () => {
  const local = await startAppConfig();
  const first = await latest(local, await session(local));
  expect(first).toMatchObject({ text: '{"dailyLimit":1000}', type: 'application/json' });
  const second = await latest(local, first.next);
  expect(second.text).toBe('');
  await deploy(local, { dailyLimit: 7 });
  expect(await latest(local, second.next)).toMatchObject({ text: '{"dailyLimit":7}' });
});

it('takes each token once', async () => {
  const local = await startAppConfig();
  const token = await session(local);
  await latest(local, token);
  await expect(latest(local, token)).rejects.toMatchObject(problem('Corrupted'));
  await expect(latest(local, 'made-up')).rejects.toMatchObject(problem('Corrupted'));
});

it('lets a token expire after a day and holds a session to its own interval', async () => {
  const clock = testClock();
  const local = await startAppConfig({ clock });
  const { next } = await latest(local, await session(local, { RequiredMinimumPollIntervalInSeconds: 60 }));
  await expect(latest(local, next)).rejects.toMatchObject(problem('PollIntervalNotSatisfied'));
  clock.advance(MINUTE_MS);
  const later = await latest(local, next);
  clock.advance(24 * 60 * MINUTE_MS);
  await expect(latest(local, later.next)).rejects.toMatchObject(problem('Expired'));
});

it('finds a configuration by ids too, and says what is missing', async () => {
  const local = await startAppConfig();
  const ids = { ApplicationIdentifier: APPLICATION, EnvironmentIdentifier: ENVIRONMENT, ConfigurationProfileIdentifier: PROFILE };
  expect((await latest(local, await session(local, ids))).text).toBe('{"dailyLimit":1000}');
  await expect(session(local, { EnvironmentIdentifier: 'prod' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    ResourceType: 'Environment',
  });
});

it('offers a growing deployment to some sessions first, and to all in the end', async () => {
  const clock = testClock();
  const draws = [0.1, 0.9];
  const local = await startAppConfig({ clock, random: () => draws.shift() ?? 0.5 });
  const early = await latest(local, await session(local));
  const late = await latest(local, await session(local));
  await deploy(local, { dailyLimit: 7 }, 'AppConfig.Linear50PercentEvery30Seconds');
  expect((await latest(local, early.next)).text).toBe('{"dailyLimit":7}');
  const unchanged = await latest(local, late.next);
  expect(unchanged.text).toBe('');
  clock.advance(MINUTE_MS / 2);
  expect((await latest(local, unchanged.next)).text).toBe('{"dailyLimit":7}');
});

it('serves the same through the agent, by path', async () => {
  const local = await startAppConfig();
  const response = await fetch(`${local.agentUrl}${SETTINGS_PATH}`);
  expect(response.headers.get('configuration-version')).toBe('1');
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ dailyLimit: 1000 });
  await deploy(local, { dailyLimit: 8 });
  expect(await served(local)).toEqual({ dailyLimit: 8 });
  expect(await served(local, `/applications/${APPLICATION}/environments/${ENVIRONMENT}/configurations/${PROFILE}`)).toEqual({
    dailyLimit: 8,
  });
});

it('answers through the agent what cannot be served', async () => {
  const local = await startAppConfig({ resources: template().filter(({ type }) => !type.endsWith('Deployment')) });
  expect(await served(local)).toMatchObject({ status: 404, text: expect.stringContaining('Deployment') });
  expect(await served(local, SETTINGS_PATH.replace('dev/conf', 'prod/conf'))).toMatchObject({ status: 404 });
  expect(await served(local, `${SETTINGS_PATH}?flag=a`)).toMatchObject({ status: 400 });
  expect(await served(local, '/elsewhere')).toMatchObject({ status: 501 });
});
