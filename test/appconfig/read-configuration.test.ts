import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ConfigurationReader } from '../../lambdas/app-config/read-configuration.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { deploy } from './documents.ts';
import { SETTINGS_PATH, startAppConfig, template } from './local-appconfig.ts';

/** An agent that answers as it is told. */
async function fakeAgent(answer: { status?: number; text: string } | 'silence') {
  let current = answer;
  const server = createServer((_, response) => {
    if (current === 'silence') return;
    response.writeHead(current.status ?? 200).end(current.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const agentUrl = `http://localhost:${(server.address() as AddressInfo).port}`;
  const answerWith = (next: typeof answer) => {
    current = next;
  };
  return { agentUrl, answerWith };
}

const reader = (agentUrl: string, timeoutMs?: number) =>
  new ConfigurationReader({ path: SETTINGS_PATH, schema: Settings, agentUrl, ...(timeoutMs === undefined ? {} : { timeoutMs }) });

it('reads the deployed document, with defaults for what it leaves out', async () => {
  const { agentPort, ...local } = await startAppConfig();
  const settings = ConfigurationReader.connect(SETTINGS_PATH, Settings, { AWS_APPCONFIG_EXTENSION_HTTP_PORT: String(agentPort) });
  expect(await settings.read()).toEqual({ value: { ...Settings.parse({}), dailyLimit: 1000 }, source: 'current' });
  await deploy({ agentPort, ...local }, { enabled: false });
  expect(await settings.read()).toMatchObject({ value: { enabled: false }, source: 'current' });
});

it('goes on with the last good value while AppConfig is away, and says so', async () => {
  const local = await startAppConfig();
  const settings = reader(local.agentUrl);
  const { value } = await settings.read();
  await local.close();
  expect(await settings.read()).toEqual({ value, source: 'last-good', problem: expect.stringMatching(/agent at .* cannot be read/) });
});

it('goes on with the last good value while the document does not fit, and names every bad field', async () => {
  const agent = await fakeAgent({ text: '{"dailyLimit":5}' });
  const settings = reader(agent.agentUrl);
  await settings.read();
  agent.answerWith({ text: '{"dailyLimit":0,"batchRows":"many","colour":"red"}' });
  const reading = await settings.read();
  expect(reading).toMatchObject({ value: { dailyLimit: 5 }, source: 'last-good' });
  for (const field of ['dailyLimit', 'batchRows', 'colour']) expect(reading.problem).toContain(field);
  agent.answerWith({ text: '{"dailyLimit":6}' });
  expect(await settings.read()).toMatchObject({ value: { dailyLimit: 6 }, source: 'current' });
});

it.each([
  ['a document that does not fit', { text: '{"dailyLimit":0,"batchRows":"many"}' }, /dailyLimit: .*batchRows: .*deploy a document/],
  ['text that is not JSON', { text: '<html>' }, /is not JSON/],
  ['an error', { status: 404, text: 'ResourceNotFoundException: no deployment' }, /answered 404: ResourceNotFoundException/],
  ['silence', 'silence' as const, /did not answer in time/],
])('refuses to start from %s', async (_, answer, message) => {
  const { agentUrl } = await fakeAgent(answer);
  await expect(reader(agentUrl, 200).read()).rejects.toMatchObject({
    name: 'SettingsUnavailableError',
    path: SETTINGS_PATH,
    message: expect.stringMatching(message),
  });
});

it('refuses to start while nothing is deployed', async () => {
  const { agentUrl } = await startAppConfig({ resources: template().filter(({ type }) => !type.endsWith('Deployment')) });
  await expect(reader(agentUrl).read()).rejects.toThrow(/answered 404/);
});

it('looks for the agent at its usual port, and refuses a port that is none', () => {
  expect(() => ConfigurationReader.connect(SETTINGS_PATH, Settings, {})).not.toThrow();
  expect(() => ConfigurationReader.connect(SETTINGS_PATH, Settings, { AWS_APPCONFIG_EXTENSION_HTTP_PORT: 'x' })).toThrow(
    /AWS_APPCONFIG_EXTENSION_HTTP_PORT/,
  );
});
