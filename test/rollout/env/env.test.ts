import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envFiles, envText } from '../../../local/env/env-files.ts';
import { readDeployment } from '../../../local/env/read-deployment.ts';

const SECRET = 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:linkpick-AbCdEf';
const OUTPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'videopick-dev-storage': { VideosBucketName: 'videos-1', StaticBucketName: 'static-1' },
  'videopick-dev-database': {
    ClusterArn: 'arn:aws:rds:ap-northeast-2:123456789012:cluster:c',
    SecretArn: SECRET,
    DatabaseName: 'linkpick',
  },
  'videopick-dev-migration': { ReportsBucketName: 'reports-1', DailyMigrationArn: 'arn:daily', CatchUpArn: 'arn:catch-up' },
  'videopick-dev-delivery': { DistributionDomainName: 'd1.cloudfront.net' },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-env-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function outputsFile(name: string, content: unknown = OUTPUTS): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}
const main = new URL('../../../local/env/main.ts', import.meta.url).pathname;
const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

describe('the environment files', () => {
  it('have the plan’s variables from the stacks’ outputs', () => {
    const files = envFiles(readDeployment({ environment: 'dev', outputs: outputsFile('all.json'), out: undefined }));
    expect(files['.env.video']).toMatchObject({
      VIDEO_STORAGE_TYPE: 's3',
      VIDEO_STORAGE_BUCKET: 'videos-1',
      VIDEO_CDN_URL: 'https://d1.cloudfront.net',
      MAX_VIDEO_SIZE_MB: '10240',
      ALLOWED_VIDEO_FORMATS: 'mp4,mov,avi,mkv,webm',
      STREAMING_PROTOCOL: 'hls',
      HLS_SEGMENT_DURATION: '6',
      STREAMING_SERVER_URL: 'https://d1.cloudfront.net',
      ENABLE_VIDEO_UPLOAD: 'false',
      ENABLE_VIDEO_PLAYER: 'false',
      ENABLE_CHANNELS: 'false',
      ENABLE_SUBSCRIPTIONS: 'false',
      ENABLE_RECOMMENDATIONS: 'false',
      VIDEO_PROCESSING_ENABLED: 'true',
      MONETIZATION_ENABLED: 'false',
      MIN_MONETIZATION_SUBSCRIBERS: '1000',
      AD_REVENUE_SHARE: '0.7',
      ROLLOUT_API_URL: 'https://d1.cloudfront.net/api/rollout',
    });
    expect(files['.env.legacy']).toMatchObject({ SHOW_VIDEO_TAB: 'false', USE_LEGACY_ROUTES: 'false', DISABLE_LEGACY_CAMPAIGNS: 'false' });
    expect(files['.env.migration']).toMatchObject({ DATABASE_SECRET_ARN: SECRET, DATABASE_NAME: 'linkpick', REPORTS_BUCKET: 'reports-1' });
  });

  it('are read by Node as they were meant, also values with spaces and signs', () => {
    const variables = { PLAIN: 'a,b', EMPTY: '', ODD: 'a $b "c" #d' };
    expect(parseEnv(envText(variables))).toEqual(variables);
    expect(() => envText({ BROKEN: "it's" })).toThrow(/quote/);
  });

  it('come from the running laptop stack where no outputs are named', () => {
    const laptop = outputsFile('local.json', {
      ...{
        endpoint: 'http://127.0.0.1:4566',
        cdnUrl: 'http://127.0.0.1:4566',
        databaseUrl: 'postgres://someone:hidden@127.0.0.1/linkpick',
      },
      ...{ region: 'ap-northeast-2', clusterArn: 'arn:c', secretArn: SECRET, databaseName: 'linkpick', functions: {}, pid: 1 },
      stateMachines: { 'daily-migration': 'arn:d', 'catch-up': 'arn:u' },
      buckets: { videos: 'v', static: 's', reports: 'r' },
    });
    const files = envFiles(readDeployment({ environment: 'dev', outputs: undefined, out: undefined }, laptop));
    expect(files['.env.video'].VIDEO_CDN_URL).toBe('http://127.0.0.1:4566');
    expect(JSON.stringify(files)).not.toContain('hidden');
  });
});

describe('npm run env', () => {
  it('prints all three files, or writes them into a folder', () => {
    const file = outputsFile('all.json');
    expect(run('--env', 'dev', '--outputs', file)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/# \.env\.video\n(.|\n)*# \.env\.migration\n/),
    });
    const out = join(folder, 'out');
    execFileSync(process.execPath, [main, '--env', 'dev', '--outputs', file, '--out', out]);
    expect(parseEnv(readFileSync(join(out, '.env.video'), 'utf8'))).toMatchObject({ VIDEO_STORAGE_BUCKET: 'videos-1' });
  });

  it.each([
    ['an unknown environment', ['--env', 'qa'], /no environment "qa".*dev, staging, prod/],
    ['no environment', [], /--env is missing/],
    ['an unknown option', ['--env', 'dev', '--secret'], /--secret/],
    ['a file that is not there', ['--env', 'dev', '--outputs', '/nowhere/outputs.json'], /cannot be read \(ENOENT\).*--outputs-file/],
    ['staging without outputs', ['--env', 'staging'], /a laptop runs dev, not "staging"/],
  ])('refuses %s with exit code 2', (_what, args, message) => {
    expect(run(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  it.each([
    ['is no JSON', 'not json', /is no JSON object/],
    ['is of another environment', { 'videopick-prod-storage': {} }, /has no stack videopick-dev-storage; found videopick-prod-storage/],
    [
      'lacks an output',
      { ...OUTPUTS, 'videopick-dev-storage': { StaticBucketName: 's' } },
      /has no output VideosBucketName; found StaticBucketName/,
    ],
  ])('refuses a file of outputs that %s, and writes nothing', (_what, content, message) => {
    const out = join(folder, 'none');
    mkdirSync(out, { recursive: true });
    const refused = run('--env', 'dev', '--outputs', outputsFile('bad.json', content), '--out', out);
    expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(() => readFileSync(join(out, '.env.video'))).toThrow(/ENOENT/);
  });
});
