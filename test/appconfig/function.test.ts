import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { runtimeOf } from '../lambda/bundles.ts';
import { deploy } from './documents.ts';
import { SETTINGS_PATH, startAppConfig } from './local-appconfig.ts';

/** A step as `lambdas/` makes them: one reader per module, read at the start of each invocation. */
const SOURCE = `
  import { ConfigurationReader } from './lambdas/app-config/read-configuration.ts';
  import { Settings } from './lambdas/migration/settings.ts';
  const settings = ConfigurationReader.connect(process.env.SETTINGS_PATH, Settings);
  export const handler = async () => {
    const { value, source, problem } = await settings.read();
    return { dailyLimit: value.dailyLimit, source, problem };
  };`;

function bundle(): string {
  const resolveDir = fileURLToPath(new URL('../..', import.meta.url));
  const { outputFiles } = buildSync({
    stdin: { contents: SOURCE, resolveDir, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
  });
  return outputFiles[0]?.text ?? '';
}

it('reads at each invocation what is deployed then, and the last good value when AppConfig has gone', async () => {
  const local = await startAppConfig();
  const { runtime } = await runtimeOf(bundle(), {
    environment: { SETTINGS_PATH },
    extensionEnvironment: { AWS_APPCONFIG_EXTENSION_HTTP_PORT: String(local.agentPort) },
  });
  const read = async () => (await runtime.invoke('copy', {})).payload;
  expect(await read()).toEqual({ dailyLimit: 1000, source: 'current' });
  await deploy(local, { dailyLimit: 12 });
  expect(await read()).toEqual({ dailyLimit: 12, source: 'current' });
  await local.close();
  expect(await read()).toMatchObject({ dailyLimit: 12, source: 'last-good', problem: expect.stringContaining('cannot be read') });
});

it('fails an invocation by name when there are no settings to work by', async () => {
  const { runtime } = await runtimeOf(bundle(), {
    environment: { SETTINGS_PATH },
    extensionEnvironment: { AWS_APPCONFIG_EXTENSION_HTTP_PORT: '1' },
  });
  expect(await runtime.invoke('copy', {})).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'SettingsUnavailableError', errorMessage: expect.stringContaining(SETTINGS_PATH) },
  });
});
