import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ListDeploymentsCommand } from '@aws-sdk/client-appconfig';
import { expect, it } from 'vitest';
import { AppConfig } from '../../local/appconfig/app-config.ts';
import { withAgent } from '../../local/appconfig/with-agent.ts';
import { type FunctionSpec, functionEnvironment } from '../../local/lambda/function-spec.ts';
import { deploy, served } from './documents.ts';
import { APPLICATION, ENVIRONMENT, startAppConfig, stateFile, template, testClock } from './local-appconfig.ts';

it("keeps versions and deployments over a restart: an operator's document wins over the template's first one", async () => {
  const file = stateFile();
  const before = await startAppConfig({ stateFile: file });
  await deploy(before, { dailyLimit: 42 });
  await before.close();
  const after = await startAppConfig({ stateFile: file });
  expect(await served(after)).toEqual({ dailyLimit: 42 });
  expect(await deploy(after, { dailyLimit: 43 })).toMatchObject({ DeploymentNumber: 3, ConfigurationVersion: '3' });
});

it("deploys the template's document again when the template asks for another one", async () => {
  const file = stateFile();
  const before = await startAppConfig({ stateFile: file });
  await deploy(before, { dailyLimit: 42 });
  await before.close();
  const after = await startAppConfig({ stateFile: file, resources: template({ content: '{"dailyLimit":5}' }) });
  expect(await served(after)).toEqual({ dailyLimit: 5 });
});

it('goes on with a growing deployment after a restart', async () => {
  const clock = testClock();
  const file = stateFile();
  const before = await startAppConfig({ stateFile: file, clock });
  await deploy(before, { dailyLimit: 42 }, 'AppConfig.AllAtOnce');
  await before.close();
  clock.advance(11 * 60_000);
  const after = await startAppConfig({ stateFile: file, clock });
  const { Items: deployments } = await after.control.send(
    new ListDeploymentsCommand({ ApplicationId: APPLICATION, EnvironmentId: ENVIRONMENT }),
  );
  expect(deployments?.map(({ State }) => State)).toEqual(['COMPLETE', 'COMPLETE']);
});

it('says so when the kept state cannot be read', () => {
  const file = stateFile();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'half a fi');
  expect(() => new AppConfig({ resources: template(), stateFile: file })).toThrow(/does not hold AppConfig's versions.*remove the file/);
});

it.each([
  ['a first document that does not fit', template({ content: '{"dailyLimit":0}' }), /refuses migration\/Deployment .*\$\.dailyLimit/],
  ['a keyword that is not checked', template({ schema: { properties: { a: { format: 'date' } } } }), /"format" at #\/properties\/a/],
  [
    'a function as validator',
    template({ profile: { Validators: [{ Type: 'LAMBDA', Content: 'arn' }] } }),
    /Validators\.0\.Type.*JSON_SCHEMA/,
  ],
  ['flags that do not fit', template({ profile: { Type: 'AWS.AppConfig.FeatureFlags' } }), /FeatureFlags: \$\.version/],
  ['documents kept elsewhere', template({ profile: { LocationUri: 's3://bucket/key' } }), /LocationUri/],
  ['a property without effect here', template({ profile: { KmsKeyIdentifier: 'alias/x' } }), /KmsKeyIdentifier/],
])('refuses a template with %s', (_, resources, message) => {
  expect(() => new AppConfig({ resources })).toThrow(message);
});

it('tells functions with the extension layer, and no others, where the agent is', () => {
  const spec: FunctionSpec = {
    name: 'copy',
    arn: 'arn',
    codeDir: '/',
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 1,
    memoryMb: 128,
  };
  const agent = 'arn:aws:lambda:ap-northeast-2:826293736237:layer:AWS-AppConfig-Extension-Arm64:177';
  const environmentOf = (layers: readonly string[]) =>
    functionEnvironment(withAgent({ ...spec, layers }, 1234), { endpoint: 'http://127.0.0.1:1', region: 'ap-northeast-2' });
  expect(environmentOf([agent])).toMatchObject({ AWS_APPCONFIG_EXTENSION_HTTP_PORT: '1234' });
  expect(environmentOf([])).not.toHaveProperty('AWS_APPCONFIG_EXTENSION_HTTP_PORT');
  expect(() => environmentOf([agent, 'arn:aws:lambda:ap-northeast-2:1:layer:other:1'])).toThrow(
    /copy has the layer .*other:1, which has no stand-in/,
  );
});
