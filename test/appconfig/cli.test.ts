import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { served } from './documents.ts';
import { APPLICATION, ENVIRONMENT, PROFILE, startAppConfig, stateFile, template } from './local-appconfig.ts';

const hasCli = spawnSync('aws', ['--version']).status === 0;
const flags = (enabled: boolean) =>
  JSON.stringify({ version: '1', flags: { show_video_tab: {} }, values: { show_video_tab: { enabled } } });

it.skipIf(!hasCli)(
  'deploys flags by the AWS CLI, and takes them back (skipped where there is none)',
  async () => {
    const folder = dirname(dirname(stateFile()));
    const resources = template({ content: flags(false), profile: { Type: 'AWS.AppConfig.FeatureFlags', Validators: [] } });
    const local = await startAppConfig({ resources });
    const run = promisify(execFile);
    const aws = async (operation: string, ...parameters: readonly string[]) => {
      const endpoint = ['--endpoint-url', local.endpoint, '--region', 'ap-northeast-2', '--output', 'json'];
      const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_PAGER: '' };
      const application = ['--application-id', APPLICATION];
      const env = { ...process.env, ...credentials };
      const { stdout } = await run('aws', ['appconfig', operation, ...application, ...endpoint, ...parameters], { env });
      return JSON.parse(stdout);
    };
    const profile = ['--configuration-profile-id', PROFILE];
    const create = (document: string) => {
      const file = join(folder, 'flags.json');
      writeFileSync(file, document);
      const content = ['--content-type', 'application/json', '--content', `fileb://${file}`, join(folder, 'stored.json')];
      return aws('create-hosted-configuration-version', ...profile, ...content);
    };
    await expect(create('{"version":"1","flags":{"SHOW":{}}}')).rejects.toThrow(/\(BadRequestException\).*\$\.flags\.SHOW/);
    expect(await create(flags(true))).toMatchObject({ VersionNumber: 2 });
    const environment = ['--environment-id', ENVIRONMENT];
    const strategy = ['--deployment-strategy-id', 'AppConfig.AllAtOnce', '--configuration-version', '2'];
    expect(await aws('start-deployment', ...environment, ...profile, ...strategy)).toMatchObject({ DeploymentNumber: 2, State: 'BAKING' });
    expect(await served(local)).toEqual({ show_video_tab: { enabled: true } });
    const deployment = [...environment, '--deployment-number', '2'];
    expect(await aws('stop-deployment', ...deployment, '--allow-revert')).toMatchObject({ State: 'ROLLED_BACK' });
    expect(await aws('get-deployment', ...deployment)).toMatchObject({ EventLog: [{ EventType: 'ROLLBACK_COMPLETED' }, {}, {}, {}, {}] });
    expect(await served(local)).toEqual({ show_video_tab: { enabled: false } });
  },
  60_000,
);
