import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { AppConfigDataClient } from '@aws-sdk/client-appconfigdata';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { Settings } from '../../lambdas/migration/settings.ts';
import { AppConfig, type AppConfigOptions } from '../../local/appconfig/app-config.ts';
import type { Resource } from '../../local/assembly/template.ts';
import { Gateway } from '../../local/gateway/gateway.ts';

export const APPLICATION = 'app0001';
export const ENVIRONMENT = 'env0001';
export const PROFILE = 'prof001';
/** All at once, no bake time. */
export const AT_ONCE = 'once001';
export const MINUTE_MS = 60_000;
export const SETTINGS_PATH = '/applications/videopick-dev/environments/dev/configurations/migration-settings';
const VERSION = 'migration/Version';

export const SCHEMA = z.toJSONSchema(Settings, { target: 'draft-4', io: 'input' });

export interface TemplateOptions {
  readonly content?: string;
  readonly schema?: unknown;
  readonly profile?: object;
}

/** The template of `MigrationSettings`, resolved. */
export function template({ content = '{"dailyLimit":1000}', schema = SCHEMA, profile = {} }: TemplateOptions = {}): Resource[] {
  const resource = (type: string, ref: string, properties: Record<string, unknown>): Resource => ({
    stack: 'migration',
    logicalId: type,
    type: `AWS::AppConfig::${type}`,
    ref,
    attributes: {},
    properties,
  });
  const ids = { ApplicationId: APPLICATION, ConfigurationProfileId: PROFILE };
  return [
    resource('Application', APPLICATION, { Name: 'videopick-dev' }),
    resource('Environment', ENVIRONMENT, { ApplicationId: APPLICATION, Name: 'dev' }),
    resource('ConfigurationProfile', PROFILE, {
      ApplicationId: APPLICATION,
      Name: 'migration-settings',
      LocationUri: 'hosted',
      Type: 'AWS.Freeform',
      Validators: [{ Type: 'JSON_SCHEMA', Content: JSON.stringify(schema) }],
      ...profile,
    }),
    resource('DeploymentStrategy', AT_ONCE, {
      Name: 'all-at-once',
      DeploymentDurationInMinutes: 0,
      GrowthFactor: 100,
      GrowthType: 'LINEAR',
      FinalBakeTimeInMinutes: 0,
      ReplicateTo: 'NONE',
    }),
    resource('HostedConfigurationVersion', VERSION, { ...ids, Content: content, ContentType: 'application/json' }),
    resource('Deployment', 'migration/Deployment', {
      ...ids,
      EnvironmentId: ENVIRONMENT,
      ConfigurationVersion: VERSION,
      DeploymentStrategyId: AT_ONCE,
    }),
  ];
}

export interface LocalAppConfig {
  readonly appConfig: AppConfig;
  /** Of the gateway. */
  readonly endpoint: string;
  readonly control: AppConfigClient;
  readonly data: AppConfigDataClient;
  /** `http://localhost:<port>` of the agent. */
  readonly agentUrl: string;
  readonly agentPort: number;
  close(): Promise<void>;
}

/** The stand-in behind a gateway, with the real clients. Closed when the test is finished. */
export async function startAppConfig(options: Partial<AppConfigOptions> = {}): Promise<LocalAppConfig> {
  const appConfig = new AppConfig({ resources: template(), ...options });
  const gateway = new Gateway({
    services: new Map([['appconfig', appConfig]]),
    web: (_, response) => void response.end(),
    onError: () => {},
  });
  const client = {
    endpoint: await gateway.listen(0),
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const agentPort = await appConfig.listen();
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await appConfig.close();
    await gateway.close();
  };
  onTestFinished(close);
  return {
    appConfig,
    endpoint: client.endpoint,
    control: new AppConfigClient(client),
    data: new AppConfigDataClient(client),
    agentUrl: `http://localhost:${agentPort}`,
    agentPort,
    close,
  };
}

/** A clock that stands until it is moved. */
export function testClock(start = '2026-11-23T00:00:00Z') {
  let nowMs = Date.parse(start);
  const clock = () => nowMs;
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return Object.assign(clock, { advance });
}

/** A path for kept state, removed when the test is finished. */
export function stateFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-appconfig-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'appconfig', 'state.json');
}
