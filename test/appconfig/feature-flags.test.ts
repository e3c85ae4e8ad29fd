import {
  CreateHostedConfigurationVersionCommand,
  GetConfigurationProfileCommand,
  GetHostedConfigurationVersionCommand,
  ListConfigurationProfilesCommand,
} from '@aws-sdk/client-appconfig';
import { GetLatestConfigurationCommand, StartConfigurationSessionCommand } from '@aws-sdk/client-appconfigdata';
import { describe, expect, it } from 'vitest';
import { create, deploy, served } from './documents.ts';
import { APPLICATION, PROFILE, SETTINGS_PATH, startAppConfig, template } from './local-appconfig.ts';

const percent = { constraints: { type: 'number', required: true, minimum: 0, maximum: 100 } };
const testers = { constraints: { type: 'array', elements: { type: 'string', pattern: '^u-[0-9]+$' } } };
const quality = { description: 'of the player', constraints: { type: 'string', enum: ['sd', 'hd'] } };
const muted = { constraints: { type: 'boolean' } };

/** Flags as a phase of the rollout has them. */
const DOCUMENT = {
  version: '1',
  flags: {
    show_video_tab: { name: 'Video tab', attributes: { percent, testers, quality, muted } },
    enable_channels: { name: 'Channels', _deprecation: { status: 'planned', date: '2027-01-01' }, attributes: { percent } },
    use_legacy_routes: { name: 'Legacy routes' },
  },
  values: {
    show_video_tab: { enabled: true, percent: 10, testers: ['u-1'], quality: 'hd', muted: false, _updatedAt: '2026-11-23T00:00:00Z' },
    enable_channels: { enabled: false, percent: 0 },
  },
};

const flagsTemplate = (document: unknown = DOCUMENT) =>
  template({ content: JSON.stringify(document), profile: { Type: 'AWS.AppConfig.FeatureFlags', Validators: [] } });
const start = (document?: unknown) => startAppConfig({ resources: flagsTemplate(document) });

const RETRIEVED = {
  show_video_tab: { enabled: true, percent: 10, testers: ['u-1'], quality: 'hd', muted: false },
  enable_channels: { enabled: false },
  use_legacy_routes: { enabled: false },
};

it('gives a reader values without definitions, and attributes of enabled flags only', async () => {
  const local = await start();
  expect(await served(local)).toEqual(RETRIEVED);
  const { InitialConfigurationToken } = await local.data.send(
    new StartConfigurationSessionCommand({
      ApplicationIdentifier: 'videopick-dev',
      EnvironmentIdentifier: 'dev',
      ConfigurationProfileIdentifier: 'migration-settings',
    }),
  );
  const latest = await local.data.send(new GetLatestConfigurationCommand({ ConfigurationToken: InitialConfigurationToken }));
  expect(JSON.parse(Buffer.from(latest.Configuration ?? []).toString())).toEqual(RETRIEVED);
});

it('keeps the stored document with its definitions', async () => {
  const { control } = await start();
  const profile = { ApplicationId: APPLICATION, ConfigurationProfileId: PROFILE };
  const stored = await control.send(new GetHostedConfigurationVersionCommand({ ...profile, VersionNumber: 1 }));
  expect(JSON.parse(Buffer.from(stored.Content ?? []).toString())).toEqual(DOCUMENT);
  expect(await control.send(new GetConfigurationProfileCommand(profile))).toMatchObject({ Type: 'AWS.AppConfig.FeatureFlags' });
  const ofFlags = new ListConfigurationProfilesCommand({ ApplicationId: APPLICATION, Type: 'AWS.AppConfig.FeatureFlags' });
  expect((await control.send(ofFlags)).Items).toMatchObject([{ Id: PROFILE }]);
});

it('answers one flag by its value, several by their keys, and no flag that is not there', async () => {
  const local = await start();
  const ask = (query: string) => served(local, `${SETTINGS_PATH}?${query}`);
  expect(await ask('flag=show_video_tab')).toEqual(RETRIEVED.show_video_tab);
  expect(await ask('flag=enable_channels&flag=use_legacy_routes')).toEqual({
    enable_channels: { enabled: false },
    use_legacy_routes: { enabled: false },
  });
  expect(await ask('flag=enable_channels&flag=nothing')).toMatchObject({ status: 404, text: expect.stringContaining('nothing') });
  expect(await ask('user=u-1')).toMatchObject({ status: 400, text: expect.stringContaining('"user"') });
});

it('serves what is deployed next', async () => {
  const local = await start();
  await deploy(local, { ...DOCUMENT, values: { enable_channels: { enabled: true, percent: 50 } } });
  expect(await served(local)).toEqual({
    show_video_tab: { enabled: false },
    enable_channels: { enabled: true, percent: 50 },
    use_legacy_routes: { enabled: false },
  });
});

const withValue = (value: object) => ({
  ...DOCUMENT,
  values: { ...DOCUMENT.values, show_video_tab: { enabled: true, percent: 10, ...value } },
});
const withFlag = (key: string, flag: unknown) => ({ ...DOCUMENT, flags: { ...DOCUMENT.flags, [key]: flag } });
const attributes = (number: number) => Object.fromEntries(Array.from({ length: number }, (_, index) => [`a${index}`, {}]));

describe('refuses a document at once, naming where', () => {
  it.each<[string, unknown, string]>([
    ['another version', { ...DOCUMENT, version: '2' }, '$.version'],
    ['an unknown member', { ...DOCUMENT, phases: {} }, '$.phases'],
    ['a key in upper case', withFlag('SHOW', {}), '$.flags.SHOW'],
    ['a key of 65 characters', withFlag('a'.repeat(65), {}), `$.flags.${'a'.repeat(65)}`],
    ['an unknown member of a flag', withFlag('more', { colour: 'red' }), '$.flags.more.colour'],
    ['26 attributes', withFlag('more', { attributes: attributes(26) }), '$.flags.more.attributes'],
    [
      'a pattern beside an enum',
      withFlag('more', { attributes: { a: { constraints: { type: 'string', pattern: 'a', enum: ['a'] } } } }),
      '$.flags.more.attributes.a.constraints',
    ],
    [
      'a pattern that is none',
      withFlag('more', { attributes: { a: { constraints: { type: 'string', pattern: '(' } } } }),
      '$.flags.more.attributes.a.constraints.pattern',
    ],
    [
      'a minimum with a fraction',
      withFlag('more', { attributes: { a: { constraints: { type: 'number', minimum: 0.5 } } } }),
      '$.flags.more.attributes.a.constraints.minimum',
    ],
    ['a value of no flag', { ...DOCUMENT, values: { other: { enabled: true } } }, '$.values.other'],
    [
      'a value of a flag with the name of something else',
      { ...DOCUMENT, values: { constructor: { enabled: true } } },
      '$.values.constructor',
    ],
    ['an attribute without definition', withValue({ colour: 'red' }), '$.values.show_video_tab.colour'],
    [
      'a required attribute that is missing',
      { ...DOCUMENT, values: { enable_channels: { enabled: true } } },
      '$.values.enable_channels.percent',
    ],
    ['a number that is text', withValue({ percent: '10' }), '$.values.show_video_tab.percent'],
    ['a number above its maximum', withValue({ percent: 101 }), '$.values.show_video_tab.percent'],
    ['a number below its minimum', withValue({ percent: -1 }), '$.values.show_video_tab.percent'],
    ['a text that is not among its values', withValue({ quality: '8k' }), '$.values.show_video_tab.quality'],
    ['an element that does not match', withValue({ testers: ['u-1', 'admin'] }), '$.values.show_video_tab.testers[1]'],
    ['a text of 1,025 characters', withValue({ quality: 'x'.repeat(1025) }), '$.values.show_video_tab.quality'],
    ['enabled that is no boolean', withValue({ enabled: 'yes' }), '$.values.show_video_tab.enabled'],
    ['variants', withValue({ _variants: [{ name: 'a', enabled: true }] }), '$.values.show_video_tab._variants'],
    ['no object', [], '$'],
    ['no JSON', '{"version":', '$'],
  ])('with %s', async (_, document, Location) => {
    const local = await start();
    await expect(create(local, document)).rejects.toMatchObject({
      name: 'BadRequestException',
      Reason: 'InvalidConfiguration',
      Details: { InvalidConfiguration: expect.arrayContaining([expect.objectContaining({ Location, Reason: expect.any(String) })]) },
    });
    const next = new CreateHostedConfigurationVersionCommand({
      ApplicationId: APPLICATION,
      ConfigurationProfileId: PROFILE,
      ContentType: 'application/json',
      Content: Buffer.from(JSON.stringify(DOCUMENT)),
      LatestVersionNumber: 1,
    });
    expect(await local.control.send(next)).toMatchObject({ VersionNumber: 2 });
  });

  it('telling every fault of a value', async () => {
    const local = await start();
    await expect(create(local, withValue({ percent: 101, quality: '8k', muted: 1 }))).rejects.toMatchObject({
      message: expect.stringMatching(/percent.*quality.*muted/),
    });
  });
});

it('says by name that variants are not there', async () => {
  await expect(create(await start(), withValue({ _variants: [] }))).rejects.toThrow(/multi-variant flags have no stand-in/);
});
