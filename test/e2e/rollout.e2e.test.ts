import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RolloutView } from '../../lambdas/rollout/api/read-rollout.ts';
import type { LocalFile } from '../../local/runner/local-file.ts';
import type { Report } from '../../local/runner/report.ts';
import { type AwsCli, awsCli, awsEnvironment, hasAwsCli } from '../support/aws-cli.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { canRunRunbook, runbookBlocks, runCommands } from '../support/runbook.ts';
import { type Runner, readLocalFile, startRunner } from '../support/runner.ts';

/** A minute's bake (config/dev.ts) and what is around it, on a machine that other tests share. */
const BAKED_TIMEOUT_MS = 150_000;
const TIMEOUT_MS = 60_000;
const ALARM = 'videopick-dev-rollout-api-faults';

/** The plan's phases, as somebody would read them who never saw the code: the flags each opens, what users read from then on. */
const PLAN = [
  {
    phase: '4.1',
    flags: ['SHOW_VIDEO_TAB', 'ENABLE_VIDEO_UPLOAD'],
    notice: ['LinkPick이 동영상 플랫폼으로 진화합니다!', '곧 동영상 콘텐츠를 업로드하고 공유할 수 있습니다.', '자세히 알아보기'],
  },
  {
    phase: '4.2',
    flags: ['ENABLE_VIDEO_PLAYER', 'ENABLE_CHANNELS'],
    notice: ['동영상 기능이 베타 오픈되었습니다', '이제 동영상을 업로드하고 채널을 만들 수 있습니다.', '채널 만들기'],
  },
  {
    phase: '4.3',
    flags: ['ENABLE_SUBSCRIPTIONS', 'ENABLE_RECOMMENDATIONS'],
    notice: ['캠페인이 동영상으로 전환됩니다', '기존 캠페인은 자동으로 동영상 콘텐츠로 변환됩니다.', '내 콘텐츠 보기'],
  },
  {
    phase: '4.4',
    flags: ['ENABLE_MONETIZATION', 'DISABLE_LEGACY_CAMPAIGNS'],
    notice: ['캠페인이 동영상으로 전환됩니다', '기존 캠페인은 자동으로 동영상 콘텐츠로 변환됩니다.', '내 콘텐츠 보기'],
  },
];
const ALWAYS_ON = ['VIDEO_PROCESSING_ENABLED', 'VIDEO_ANALYTICS_ENABLED'];
const CLOSED = { phase: null, flags: [...ALWAYS_ON].sort(), notice: null };

/** What a user has once a phase is open to everybody. */
function openUpTo(phase: string) {
  const opened = PLAN.slice(0, PLAN.findIndex((planned) => planned.phase === phase) + 1);
  return { phase, flags: [...opened.flatMap(({ flags }) => flags), ...ALWAYS_ON].sort(), notice: opened.at(-1)?.notice };
}

let folder: string;
let dataDir: string;
let runner: Runner;
let local: LocalFile;
let aws: AwsCli;
/** Where flags and notices are deployed to, as options of the CLI. */
let target: readonly string[];

async function json<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await aws(...args)) as T;
}

async function idOf(list: string, name: string, ...args: readonly string[]): Promise<string> {
  const { Items } = await json<{ Items: { Id: string; Name: string }[] }>('appconfig', list, ...args);
  const found = Items.find(({ Name }) => Name === name);
  if (found === undefined) throw new Error(`${list} has no ${name}; it has ${Items.map(({ Name }) => Name).join(', ')}`);
  return found.Id;
}

interface Ended {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
}

async function start(input: object): Promise<string> {
  const args = ['--state-machine-arn', local.stateMachines.rollout ?? '', '--input', JSON.stringify(input)];
  return (await json<{ executionArn: string }>('stepfunctions', 'start-execution', ...args)).executionArn;
}

async function ended(arn: string, timeout = TIMEOUT_MS): Promise<Ended> {
  const describeExecution = () => json<Ended>('stepfunctions', 'describe-execution', '--execution-arn', arn);
  await expect.poll(async () => (await describeExecution()).status, { timeout, interval: 500 }).not.toBe('RUNNING');
  const { status, error, cause } = await describeExecution();
  return { status, ...(error !== undefined && { error, cause: cause ?? '' }) };
}

const rollOut = async (input: object) => ended(await start(input));

interface Deployment {
  readonly DeploymentNumber: number;
  readonly ConfigurationName: string;
  readonly ConfigurationVersion: string;
  readonly State: string;
}

/** Newest first. */
async function deployments(): Promise<readonly Deployment[]> {
  const { Items } = await json<{ Items: Deployment[] }>('appconfig', 'list-deployments', ...target);
  return Items.toSorted((one, other) => other.DeploymentNumber - one.DeploymentNumber);
}

const newest = async () => {
  const [deployment] = await deployments();
  return [deployment?.ConfigurationName, deployment?.State];
};

/** Without a user: what everybody has. */
async function seenBy(user?: string) {
  const response = await fetch(`${local.cdnUrl}/api/rollout${user === undefined ? '' : `?user=${user}`}`);
  expect(response.status).toBe(200);
  const { phase, flags, notice } = (await response.json()) as RolloutView;
  const on = Object.entries(flags).flatMap(([name, { enabled }]) => (enabled ? [name] : []));
  return { phase, flags: on.sort(), notice: notice && [notice.title.ko, notice.message.ko, notice.callToAction.ko] };
}

/** Functions go on with what they had for a second, and once more while they ask anew. */
const sees = (user?: string) => expect.poll(() => seenBy(user), { timeout: 20_000 });

/** The runbook's commands leave files behind. */
const runbookOptions = () => ({ cwd: folder, env: { ...awsEnvironment(local), ENV: 'dev' } });

/** The runbook's `sql`, on a laptop. */
function runbookSql(): string {
  const [, , sql = ''] = runbookBlocks('Where to look first');
  return `CLUSTER=${local.clusterArn} SECRET=${local.secretArn} DATABASE=linkpick\n${sql}`;
}

async function setPace(pace: Readonly<Record<string, number>>): Promise<void> {
  const strategy = ['--deployment-strategy-id', await idOf('list-deployment-strategies', 'videopick-dev-rollout')];
  const options = Object.entries(pace).flatMap(([option, value]) => [`--${option}`, String(value)]);
  await aws('appconfig', 'update-deployment-strategy', ...strategy, ...options);
}

async function setAlarm(state: 'OK' | 'ALARM'): Promise<void> {
  await aws('cloudwatch', 'set-alarm-state', '--alarm-name', ALARM, '--state-value', state, '--state-reason', 'drill');
}

interface Message {
  readonly subject: string;
  readonly message: string;
}

/** What a topic was told, oldest first. */
function toldTo(topic: 'hotline' | 'rollout'): readonly Message[] {
  const lines = readFileSync(join(dataDir, 'outbox', `videopick-dev-${topic}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Message);
}

describe.skipIf(!hasAwsCli)('the rollout on a running laptop, by the AWS CLI (skipped where there is none)', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'videopick-rollout-'));
    dataDir = join(folder, 'data');
    runner = startRunner('--data-dir', dataDir, '--report', join(folder, 'report.json'));
    await runner.until(/Serving/);
    local = readLocalFile(dataDir);
    aws = awsCli(local);
    const application = ['--application-id', await idOf('list-applications', 'videopick-dev-rollout')];
    target = [...application, '--environment-id', await idOf('list-environments', 'dev', ...application)];
  }, 240_000);

  afterAll(async () => {
    runner?.child.kill('SIGINT');
    await runner?.ended;
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    [{ phase: '4.2' }, 'SkippedPhaseError', 'Roll out 4.1 first'],
    [{ phase: '4.4', percent: 10 }, 'SkippedPhaseError', 'Roll out 4.3 first'],
    [{ phase: '9.9' }, 'UnknownPhaseError', '4.1, 4.2, 4.3, 4.4'],
    [{ phase: '4.1', percent: 101 }, 'InvalidInputError', 'percent'],
  ])('refuses %j by name before the first phase, and deploys nothing', { timeout: TIMEOUT_MS }, async (input, error, cause) => {
    const before = await deployments();
    expect(await rollOut(input)).toEqual({ status: 'FAILED', error, cause: expect.stringContaining(cause) });
    expect(await deployments()).toEqual(before);
    expect(await seenBy('minji')).toEqual(CLOSED);
  });

  it('opens 4.1 at once, tells users of it when its bake is over, and lets no other rollout begin meanwhile', {
    timeout: BAKED_TIMEOUT_MS,
  }, async () => {
    const startedMs = Date.now();
    const arn = await start({ phase: '4.1' });
    await expect.poll(newest, { timeout: 30_000 }).toEqual(['feature-flags', 'BAKING']);
    await sees('minji').toEqual({ ...openUpTo('4.1'), notice: null });
    expect(await rollOut({ phase: '4.1' })).toMatchObject({ status: 'FAILED', error: 'RolloutInProgressError' });
    expect(await newest()).toEqual(['feature-flags', 'BAKING']);
    expect(await ended(arn, BAKED_TIMEOUT_MS)).toEqual({ status: 'SUCCEEDED' });
    expect(Date.now() - startedMs).toBeGreaterThan(60_000);
    await sees('minji').toEqual(openUpTo('4.1'));
    expect(await newest()).toEqual(['notices', 'COMPLETE']);
  });

  it('refuses a phase that is on already, and deploys nothing', { timeout: TIMEOUT_MS }, async () => {
    const before = await deployments();
    const refused = { status: 'FAILED', error: 'PhaseAlreadyOnError', cause: expect.stringContaining('4.1') };
    expect(await rollOut({ phase: '4.1' })).toEqual(refused);
    expect(await deployments()).toEqual(before);
    expect(await seenBy('minji')).toEqual(openUpTo('4.1'));
    expect(toldTo('rollout').at(-1)?.subject).toBe('VideoPick rollout 4.1: refused');
  });

  it.each([
    ['DEPLOYING', { 'deployment-duration-in-minutes': 1, 'growth-factor': 50, 'final-bake-time-in-minutes': 1 }],
    ['BAKING', { 'deployment-duration-in-minutes': 0, 'growth-factor': 100, 'final-bake-time-in-minutes': 1 }],
  ])(
    'rolls flags back when an alarm fires while they are %s, keeps the notice, and tells the hotline',
    {
      timeout: BAKED_TIMEOUT_MS,
    },
    async (state, pace) => {
      await setPace(pace);
      const arn = await start({ phase: '4.2' });
      await expect.poll(newest, { timeout: 30_000 }).toEqual(['feature-flags', state]);
      await setAlarm('ALARM');
      expect(await ended(arn)).toEqual({ status: 'FAILED', error: 'RolledBackError', cause: expect.stringContaining(ALARM) });
      await setAlarm('OK');
      expect(await newest()).toEqual(['feature-flags', 'ROLLED_BACK']);
      await sees('minji').toEqual(openUpTo('4.1'));
      expect(toldTo('hotline').at(-1)).toMatchObject({
        subject: 'VideoPick rollout 4.2: ROLLED BACK',
        message: expect.stringContaining(arn),
      });
    },
  );

  describe('without a bake', () => {
    let browser: TestBrowser;
    let page: Page;
    const complaints: string[] = [];
    const heading = (name: string) => page.getByRole('heading', { name }).waitFor();
    /** Newest first. */
    const history = () =>
      page
        .locator('#rollouts tr')
        .evaluateAll((rows) => rows.map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent?.trim())));

    beforeAll(async () => {
      await setPace({ 'deployment-duration-in-minutes': 0, 'growth-factor': 100, 'final-bake-time-in-minutes': 0 });
      browser = await launchBrowser();
      page = await browser.browser.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
    }, TIMEOUT_MS);
    afterAll(() => browser?.close());

    it.each(['4.2', '4.3'])('opens %s, also one that was rolled back before', { timeout: TIMEOUT_MS }, async (phase) => {
      expect(await rollOut({ phase })).toEqual({ status: 'SUCCEEDED' });
      await sees('minji').toEqual(openUpTo(phase));
      expect(toldTo('rollout').at(-1)?.subject).toBe(`VideoPick rollout ${phase}: completed`);
    });

    it('has what the CLI did in the history of the console’s page', { timeout: TIMEOUT_MS }, async () => {
      await page.goto(`${local.cdnUrl}/#/rollout`);
      await heading('4.3 단계까지 열려 있습니다');
      expect(await history()).toEqual([
        ['4.3', '100%', '완료 Completed'],
        ['4.2', '100%', '완료 Completed'],
        ['4.2', '100%', '되돌려짐 Rolled back'],
        ['4.2', '100%', '되돌려짐 Rolled back'],
        ['4.1', '100%', '거절됨 Refused'],
        ['4.1', '100%', '거절됨 Refused'],
        ['4.1', '100%', '완료 Completed'],
        ['4.4', '10%', '거절됨 Refused'],
        ['4.2', '100%', '거절됨 Refused'],
      ]);
    });

    it('shows a dry run’s gates with their values, and opens 4.4 to some by its button', { timeout: TIMEOUT_MS }, async () => {
      const before = await deployments();
      await page.getByLabel('비율 % Per cent of users').fill('10');
      await page.getByLabel(/^테스터 ID/).fill('minji');
      await page.getByRole('button', { name: '예행 Dry run' }).click();
      await page.getByRole('region', { name: /^예행 결과: 4.4 단계, 10%/ }).waitFor();
      const gates = await page
        .locator('#rollout-report-gates li')
        .evaluateAll((items) =>
          items.map((item) => [
            item.getAttribute('data-gate'),
            item.getAttribute('data-passed'),
            item.querySelector('.found .en')?.textContent ?? item.querySelector('.found')?.textContent,
          ]),
        );
      expect(gates).toEqual([
        ['verification-differences', 'true', '0 found = 0 found'],
        ['verification-age-hours', 'true', expect.stringMatching(/^[\d.]+ h ≤ 36 h$/)],
        ['quarantine-percent', 'true', expect.stringMatching(/^[\d.]+% ≤ 50%$/)],
        ['catch-up-lag-seconds', 'true', '0 s ≤ 900 s'],
        ...['transcode-failures', 'verification-differences', 'api-faults'].map((alarm) => [
          `alarm:videopick-dev-rollout-${alarm}`,
          'true',
          'OK = OK',
        ]),
        ['previous-phase-days', 'true', '0 days ≥ 0 days'],
        ['uploads-a-day', 'true', '0.14 ≥ 0'],
      ]);
      expect(await deployments()).toEqual(before);

      await page.getByRole('button', { name: '시작 Start', exact: true }).click();
      const question = page.getByRole('dialog', { name: '4.4 단계를 10%까지 열까요?' });
      await question.getByLabel('확인을 위해 입력하세요').fill('4.4');
      await page.keyboard.press('Enter');
      await page.getByText('4.4 단계가 열렸습니다.').waitFor();
      await sees('minji').toEqual(openUpTo('4.4'));
      await sees().toEqual({ ...openUpTo('4.3'), phase: '4.4' });
      expect(complaints).toEqual([]);
    });

    it('opens 4.4 to everybody, which the page then says', { timeout: TIMEOUT_MS }, async () => {
      expect(await rollOut({ phase: '4.4' })).toEqual({ status: 'SUCCEEDED' });
      for (const user of ['minji', 'somebody-else']) await sees(user).toEqual(openUpTo('4.4'));
      await heading('모든 단계가 열려 있습니다');
      expect((await history()).slice(0, 2)).toEqual([
        ['4.4', '100%', '완료 Completed'],
        ['4.4', '10%', '완료 Completed'],
      ]);
    });

    it.skipIf(!canRunRunbook)(
      'takes 4.4 back a step, and then altogether, by the runbook’s own commands (skipped without bash and jq)',
      { timeout: 2 * TIMEOUT_MS },
      async () => {
        const [look = '', revert = '', switchOff = ''] = runbookBlocks('Take a phase back');
        await runCommands(`${runbookSql()}\n${look}\n${revert}`, runbookOptions());
        await sees('somebody-else').toEqual({ ...openUpTo('4.3'), phase: '4.4' });
        await sees('minji').toEqual(openUpTo('4.4'));
        const keys = ['enable_monetization', 'disable_legacy_campaigns'];
        await runCommands(switchOff.replace(/^KEYS=.*$/m, `KEYS='${JSON.stringify(keys)}'`), runbookOptions());
        await sees('minji').toEqual(openUpTo('4.3'));
        expect(await rollOut({ phase: '4.4' })).toEqual({ status: 'SUCCEEDED' });
        await sees('minji').toEqual(openUpTo('4.4'));
      },
    );
  });

  it.skipIf(!canRunRunbook)(
    'changes one setting of the migration by the runbook’s own commands, and leaves the others (skipped without bash and jq)',
    { timeout: TIMEOUT_MS },
    async () => {
      const [change = '', deploy = ''] = runbookBlocks('Change the settings');
      const document = async (name: string) => {
        await runCommands(change, runbookOptions());
        return JSON.parse(readFileSync(join(folder, name), 'utf8')) as object;
      };
      const before = await document('settings.json');
      await runCommands(`${change}\n${deploy}`, runbookOptions());
      expect(await document('settings.json')).toEqual({ ...before, dailyLimit: 2_000 });
    },
  );

  describe('the way back to LinkPick’s pages', () => {
    const pageAt = async (path: string) => {
      const response = await fetch(`${local.cdnUrl}${path}`);
      return { status: response.status, isLinkPick: (await response.text()).includes('<h1>LinkPick</h1>') };
    };
    const routeViewers = async (useLegacyRoutes: boolean) => {
      const [payload, output] = [join(folder, 'payload.json'), join(folder, 'output.json')];
      writeFileSync(payload, JSON.stringify({ useLegacyRoutes, reason: 'drill' }));
      // A file is read alike by versions 1 and 2, which differ about what is given in the line.
      await aws('lambda', 'invoke', '--function-name', 'videopick-dev-route-viewers', '--payload', `fileb://${payload}`, output);
      return JSON.parse(readFileSync(output, 'utf8')) as unknown;
    };

    /** Asks for a video's playlists and segments, as a player does, until it is told to stop: every status that came. */
    function play(multivariantUrl: string) {
      const stop = new AbortController();
      const linesOf = async (url: string) => {
        const text = await (await fetch(url)).text();
        return text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [new URL(line, url).href]));
      };
      const playing = (async () => {
        const playlists = await linesOf(multivariantUrl);
        const segments = (await Promise.all(playlists.map(linesOf))).flat();
        const statuses: number[] = [];
        while (!stop.signal.aborted)
          for (const url of [multivariantUrl, ...playlists, ...segments]) {
            const response = await fetch(url);
            await response.arrayBuffer();
            statuses.push(response.status);
          }
        return { segments: segments.length, statuses };
      })();
      return async () => {
        stop.abort();
        return playing;
      };
    }

    it('takes pages there at once and back, while media goes on playing', { timeout: TIMEOUT_MS }, async () => {
      const { videos } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
      const stop = play(videos[0]?.multivariantUrl ?? '');
      expect(await pageAt('/campaigns/1')).toEqual({ status: 404, isLinkPick: false });
      expect(await routeViewers(true)).toEqual({ before: { useLegacyRoutes: false }, after: { useLegacyRoutes: true } });
      expect(await pageAt('/campaigns/1')).toEqual({ status: 200, isLinkPick: true });
      expect((await fetch(`${local.cdnUrl}/api/rollout`)).status).toBe(200);
      expect(await pageAt('/')).toEqual({ status: 200, isLinkPick: false }); // the console stays the operators'
      expect(await routeViewers(false)).toEqual({ before: { useLegacyRoutes: true }, after: { useLegacyRoutes: false } });
      expect(await pageAt('/campaigns/1')).toEqual({ status: 404, isLinkPick: false });
      const { segments, statuses } = await stop();
      expect(segments).toBeGreaterThan(3);
      expect(statuses.length).toBeGreaterThan(2 * segments);
      expect(new Set(statuses)).toEqual(new Set([200]));
    });

    it.skipIf(!canRunRunbook)(
      'is two switches, turned by the runbook’s own commands (skipped without bash and jq)',
      {
        timeout: TIMEOUT_MS,
      },
      async () => {
        const [edge = '', flag = ''] = runbookBlocks('Pages back to LinkPick, and forward again');
        const run = (commands: string) => runCommands(commands, runbookOptions());
        const before = await seenBy('minji');

        expect(await run(edge)).toContain('{"before":{"useLegacyRoutes":false},"after":{"useLegacyRoutes":true}}');
        await run(flag);
        await sees('minji').toEqual({ ...before, flags: [...before.flags, 'USE_LEGACY_ROUTES'].sort() });
        expect(await pageAt('/about')).toEqual({ status: 200, isLinkPick: true });

        await run(flag.replace('ENABLED=true', 'ENABLED=false'));
        expect(await run(edge.replace('"useLegacyRoutes": true', '"useLegacyRoutes": false'))).toContain(
          '"after":{"useLegacyRoutes":false}',
        );
        await sees('minji').toEqual(before);
        expect(await pageAt('/about')).toEqual({ status: 404, isLinkPick: false });
      },
    );
  });
});
