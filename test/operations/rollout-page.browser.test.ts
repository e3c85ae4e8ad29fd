import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { RefusedRequestError } from '../../lambdas/operations/errors.ts';
import type { StartRolloutInput } from '../../lambdas/operations/rollout-start.ts';
import type { RolloutStatus } from '../../lambdas/operations/rollout-status.ts';
import type { StopRolloutInput } from '../../lambdas/operations/rollout-stop.ts';
import { INITIAL_STATES } from '../../lambdas/rollout/flags-document.ts';
import { NOTICES } from '../../lambdas/rollout/notices.ts';
import { useConsole } from './console-page.ts';
import { contrastOf } from './contrast.ts';
import {
  alarmGate,
  openedTo,
  quietRollout,
  sampleEntry,
  sampleExecution,
  sampleGates,
  sampleReport,
  sampleRollout,
} from './rollout-sample.ts';
import { sampleStatus, sampleVideo } from './sample-status.ts';
import type { ServedConsole } from './serve-console.ts';

const openConsole = useConsole(sampleStatus({ videos: [sampleVideo({ id: 'v1' })] }));
let served: ServedConsole;
let page: Page;
let complaints: readonly string[];
/** What was started, and what was stopped. */
let started: StartRolloutInput[];
let stopped: StopRolloutInput[];
let status: RolloutStatus | Error;

beforeEach(async () => {
  ({ served, page, complaints } = await openConsole());
  [started, stopped] = [[], []];
  status = sampleRollout();
  const quiet = quietRollout();
  served.rollout = quietRollout({
    readStatus: async () => {
      if (status instanceof Error) throw status;
      return status;
    },
    start: async (input) => {
      started.push(input);
      return quiet.start(input);
    },
    stop: async (input) => {
      stopped.push(input);
      return quiet.stop(input);
    },
  });
});

const open = () => page.goto(`${served.url}#/rollout`);
const textsOf = async (selector: string) =>
  (await page.locator(selector).allTextContents()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
const dryRun = async () => {
  await page.getByRole('button', { name: '예행 Dry run' }).click();
  await page.getByRole('region', { name: /^예행 결과/ }).waitFor();
};
const question = () => page.getByRole('dialog', { name: '4.2 단계를 100%까지 열까요?' });

describe('the tabs', () => {
  const shown = async () =>
    (await page.getByRole('tabpanel').all()).length === 1 ? await page.getByRole('tabpanel').getAttribute('id') : 'not one';

  it('show one view at a time, by keyboard alone, and the address keeps which', async () => {
    await page.goto(served.url);
    const migration = page.getByRole('tab', { name: '이관 Migration' });
    expect(await migration.getAttribute('aria-selected')).toBe('true');
    expect(await shown()).toBe('view-migration');
    await migration.focus();
    const seen: unknown[] = [];
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft', 'Home', 'End']) {
      await page.keyboard.press(key);
      const focused = await page.evaluate(() => document.activeElement?.id);
      await expect.poll(() => page.locator(`#${focused}`).getAttribute('aria-selected')).toBe('true');
      seen.push([focused, await shown(), new URL(page.url()).hash]);
    }
    expect(seen).toEqual(
      ['videos', 'rollout', 'migration', 'rollout', 'migration', 'rollout'].map((tab) => [`tab-${tab}`, `view-${tab}`, `#/${tab}`]),
    );
    await page.goBack();
    await expect.poll(shown).toBe('view-migration');
    await page.goForward();
    await page.reload();
    await page.locator('#view-rollout').waitFor();
    expect(await shown()).toBe('view-rollout');
    expect(await page.locator('[role=tab][tabindex="0"]').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('show the videos under a video’s deep link, and stay there when it is closed', async () => {
    await page.goto(`${served.url}#/videos/v1`);
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: '여름 캠페인' }).waitFor();
    expect(await shown()).toBe('view-videos');
  });

  it('ask nothing about the rollout before it is looked at', async () => {
    let asked = 0;
    served.rollout = quietRollout({
      readStatus: async () => {
        asked += 1;
        return sampleRollout();
      },
    });
    await page.goto(served.url);
    await page.locator('[data-entity=channel]').waitFor();
    expect(asked).toBe(0);
    await page.getByRole('tab', { name: '롤아웃 Rollout' }).click();
    await page.getByRole('heading', { name: '4.1 단계까지 열려 있습니다' }).waitFor();
    expect(asked).toBe(1);
  });
});

describe('the phases', () => {
  it('are shown in order, with state, flags, notice and gates with value, threshold and since when', async () => {
    status = sampleRollout({
      phases: sampleRollout().phases.map((phase) =>
        phase.id === '4.2'
          ? { ...phase, gates: { at: '2026-11-22T17:04:30.000Z', gates: sampleGates({ 'uploads-a-day': { value: 3, passed: false } }) } }
          : phase,
      ),
    });
    await open();
    await page.locator('[data-phase="4.4"]').waitFor();
    expect(await textsOf('#phases .phase-head')).toEqual([
      '4.1 1–2주차 weeks 1–2열림 On모든 사용자 everybody',
      '4.2 3–4주차 weeks 3–4다음 Next꺼짐 off',
      '4.3 5–6주차 weeks 5–6나중 Later꺼짐 off',
      '4.4 7–8주차 weeks 7–8나중 Later꺼짐 off',
    ]);
    const next = '[data-phase="4.2"]';
    expect(await textsOf(`${next} .chip`)).toEqual(['재생 Playing', '채널 Channels']);
    expect(await textsOf(`${next} .gates li`)).toEqual([
      '통과 Passed검증 차이 Verification0건 = 0건 0 found = 0 found11. 23. 02:03부터 since 11. 23. 02:03',
      '통과 Passed검증 후 경과 Since verification0.02시간 ≤ 36시간 0.02 h ≤ 36 h11. 23. 02:03부터 since 11. 23. 02:03',
      '통과 Passed격리 비율 Quarantined0.3% ≤ 1%',
      '통과 Passed변경 반영 지연 Catch-up lag0초 ≤ 900초 0 s ≤ 900 s',
      '통과 Passed이전 단계 후 경과 Since the phase before15일 ≥ 14일 15 days ≥ 14 days11. 08. 02:00부터 since 11. 08. 02:00',
      '막힘 Shut하루 업로드 Uploads a day3건 ≥ 10건 3 ≥ 10',
    ]);
    expect(await textsOf(`${next} .phase-notice`)).toEqual([`공지 “${NOTICES.beta.title.ko}” “${NOTICES.beta.title.en}”`]);
    expect(await page.locator('[data-phase="4.3"] .about-gates').textContent()).toContain('이전 단계 후 경과 ≥ 14일 · 하루 업로드 ≥ 50건');
    const shut = page.locator(`${next} [data-gate=uploads-a-day]`);
    for (const part of ['.mark-of-check', '.found', '.mark-of-check .en', '.found .en'])
      expect(await contrastOf(shut.locator(part).first())).toBeGreaterThanOrEqual(4.5);
    expect(complaints).toEqual([]);
  });

  it('say so when none is open, and when all are', async () => {
    status = sampleRollout({ notice: null, history: [] }, INITIAL_STATES);
    await open();
    await page.getByRole('heading', { name: '아직 열린 단계가 없습니다' }).waitFor();
    await page.getByText('아직 롤아웃이 없습니다').waitFor();
    await page.getByText('공지가 없습니다').waitFor();
    status = sampleRollout({}, openedTo({ '4.1': 100, '4.2': 100, '4.3': 100, '4.4': 100 }));
    await page.reload();
    await page.getByRole('heading', { name: '모든 단계가 열려 있습니다' }).waitFor();
  });
});

describe('the flags', () => {
  it('are shown with who sees them and their values', async () => {
    status = sampleRollout({}, openedTo({ '4.1': 100, '4.2': 10 }, ['minji', 'jun']));
    await open();
    await page.locator('#flags tr').first().waitFor();
    const rows = await textsOf('#flags tr');
    expect(rows).toHaveLength(11);
    expect(rows[0]).toBe('동영상 탭 Video tabSHOW_VIDEO_TAB4.1켜짐 on모두 everybody');
    expect(rows[2]).toBe('재생 PlayingENABLE_VIDEO_PLAYER4.2켜짐 on사용자 10%와 테스터 minji, jun 10% and 2 testers');
    expect(rows[6]).toBe(
      '수익 MonetizationENABLE_MONETIZATION4.4꺼짐 off아무도 없음 nobodyMIN_MONETIZATION_SUBSCRIBERS 1000AD_REVENUE_SHARE 0.7',
    );
    expect(rows[9]).toContain('VIDEO_PROCESSING_ENABLED–켜짐 on모두 everybody');
  });

  it('tell what one user sees, by the function the app goes by', async () => {
    status = sampleRollout({}, openedTo({ '4.1': 100, '4.2': 0 }, ['minji']));
    await open();
    const seen = () =>
      page.locator('#viewer-flags [data-flag]').evaluateAll((chips) => chips.map((chip) => chip.getAttribute('data-flag')));
    const everybody = ['SHOW_VIDEO_TAB', 'ENABLE_VIDEO_UPLOAD', 'VIDEO_PROCESSING_ENABLED', 'VIDEO_ANALYTICS_ENABLED'];
    await expect.poll(seen).toEqual(everybody);
    await page.getByLabel('사용자 ID User id').fill('minji');
    await expect.poll(async () => (await seen()).sort()).toEqual([...everybody, 'ENABLE_CHANNELS', 'ENABLE_VIDEO_PLAYER'].sort());
    await page.getByLabel('사용자 ID User id').fill('somebody');
    await expect.poll(seen).toEqual(everybody);
  });

  it('that are no document of ours are said so by name, and stop nothing else', async () => {
    status = sampleRollout({ flags: [], problem: 'FlagsRefusedError: the deployed document is not JSON' });
    await open();
    await page.getByRole('alert').getByText('FlagsRefusedError: the deployed document is not JSON').waitFor();
    expect(await page.locator('#flags-table').isVisible()).toBe(false);
    expect(await page.locator('#rollouts tr').count()).toBe(1);
  });
});

describe('the notice', () => {
  it('is shown as users see it, Korean as in the plan and English beside it', async () => {
    await open();
    const notice = page.locator('#notice');
    await notice.getByText('LinkPick이 동영상 플랫폼으로 진화합니다!').waitFor();
    expect(await textsOf('#notice [lang=ko] > *')).toEqual([
      'LinkPick이 동영상 플랫폼으로 진화합니다!',
      '곧 동영상 콘텐츠를 업로드하고 공유할 수 있습니다.',
      '자세히 알아보기',
    ]);
    expect(await textsOf('#notice [lang=en] > .notice-title')).toEqual([NOTICES.evolution.title.en]);
    for (const part of ['.notice-title', '.notice-action'])
      expect(await contrastOf(notice.locator(part).first())).toBeGreaterThanOrEqual(4.5);
  });
});

describe('starting a rollout', () => {
  it('shows the dry run first, and starts only once the phase was typed', async () => {
    await open();
    await page.locator('#rollout-phase option').first().waitFor({ state: 'attached' });
    expect(await page.locator('#rollout-phase').inputValue()).toBe('4.2');
    await dryRun();
    expect(started).toEqual([{ phase: '4.2', percent: 100, dryRun: true }]);
    expect(await textsOf('#rollout-report-gates .gate-name')).toContain('알람 videopick-dev-rollout-api-faults Alarm');
    expect(await textsOf('#rollout-changes li')).toEqual([
      '재생 Playing ENABLE_VIDEO_PLAYER꺼짐 → 켜짐 · 모두 off → on, everybody',
      '채널 Channels ENABLE_CHANNELS꺼짐 → 켜짐 · 모두 off → on, everybody',
    ]);
    await page.locator('#rollout-report-notice').getByText('이제 동영상을 업로드하고 채널을 만들 수 있습니다.').waitFor();
    await page.getByRole('button', { name: '시작 Start', exact: true }).click();
    const yes = question().getByRole('button', { name: '롤아웃 시작 Start the rollout' });
    expect(await yes.isDisabled()).toBe(true);
    await question().getByLabel('확인을 위해 입력하세요').fill('4.1');
    expect(await yes.isDisabled()).toBe(true);
    await question().getByLabel('확인을 위해 입력하세요').fill('4.2');
    const running = sampleEntry({
      execution: 'rollout-4.2-100-20261122T1704',
      phase: '4.2',
      status: 'running',
      finishedAt: null,
      gates: [],
    });
    status = sampleRollout({ running, history: [running] });
    await page.keyboard.press('Enter');
    await page.getByText('4.2 롤아웃을 시작했습니다.').waitFor();
    expect(started.at(-1)).toEqual({ phase: '4.2', percent: 100, dryRun: false });
    await page.getByRole('heading', { name: '4.2 단계를 100%까지 열고 있습니다' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('sends percent and testers, and shows what fewer people would see', async () => {
    served.rollout = { ...served.rollout, readExecution: async () => sampleExecution({ report: sampleReport({ percent: 10 }) }) };
    await open();
    await page.getByLabel('비율 % Per cent of users').fill('10');
    await page.getByLabel(/^테스터 ID/).fill('minji, jun  soo');
    await dryRun();
    expect(started).toEqual([{ phase: '4.2', percent: 10, testers: ['minji', 'jun', 'soo'], dryRun: true }]);
    await page.getByText('사용자가 보는 공지는 그대로입니다.').waitFor();
    expect((await textsOf('#rollout-changes .change'))[0]).toBe('꺼짐 → 켜짐 · 사용자 10% off → on, 10% of users');
  });

  it('is not offered while a gate is shut, which is said by name', async () => {
    const gates = [...sampleGates(), alarmGate('rollout-api-faults', 'INSUFFICIENT_DATA')];
    const refusal = { Error: 'AlarmStateError', Cause: 'a gate is shut before phase 4.2: the alarm is INSUFFICIENT_DATA, threshold OK' };
    served.rollout = {
      ...served.rollout,
      readExecution: async () => sampleExecution({ report: sampleReport({ passed: false, gates, refusal }) }),
    };
    await open();
    await dryRun();
    const verdict = page.getByText('AlarmStateError: a gate is shut before phase 4.2');
    await verdict.waitFor();
    expect(await contrastOf(verdict)).toBeGreaterThanOrEqual(4.5);
    expect(await page.getByRole('button', { name: '시작 Start', exact: true }).isDisabled()).toBe(true);
    expect((await textsOf('#rollout-report-gates li')).at(-1)).toMatch(/^막힘 Shut.*INSUFFICIENT_DATA = OK/);
  });

  it('says by name what refuses a dry run', async () => {
    const cause = 'phase 4.4 comes after phase 4.3, which is off; expected 100 %. Roll out 4.3 first';
    served.rollout = {
      ...served.rollout,
      readExecution: async () => sampleExecution({ status: 'failed', report: null, error: { name: 'SkippedPhaseError', cause } }),
    };
    await open();
    await page.locator('#rollout-phase').selectOption('4.4');
    await page.getByRole('button', { name: '예행 Dry run' }).click();
    await page.getByRole('alert').getByText(`SkippedPhaseError: ${cause}`).waitFor();
    expect(await page.locator('#rollout-report').isVisible()).toBe(false);
  });

  it('says by name what refuses the start, and leaves the question open', async () => {
    const { start } = served.rollout;
    served.rollout = {
      ...served.rollout,
      start: async (input) => {
        if (input.dryRun) return start(input);
        throw new RefusedRequestError(409, 'RolloutInProgressError: the rollout of phase 4.2 is at work, and only one may be');
      },
    };
    await open();
    await dryRun();
    await page.getByRole('button', { name: '시작 Start', exact: true }).click();
    await question().getByLabel('확인을 위해 입력하세요').fill('4.2');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('HTTP 409: RolloutInProgressError: the rollout of phase 4.2 is at work').waitFor();
    expect(await question().isVisible()).toBe(true);
  });

  it('tells how a rollout ended that was started here', async () => {
    await open();
    await dryRun();
    await page.getByRole('button', { name: '시작 Start', exact: true }).click();
    await question().getByLabel('확인을 위해 입력하세요').fill('4.2');
    const entry = sampleEntry({ execution: 'rollout-4.2-100-20261122T1704', phase: '4.2' });
    const reason = 'RolledBackError: deployment 5 was rolled back by an alarm';
    status = sampleRollout({ history: [{ ...entry, status: 'rolled_back', reason }] });
    await page.keyboard.press('Enter');
    const alert = page.getByRole('alert').getByText(`4.2 되돌려짐 Rolled back: ${reason}`);
    await alert.waitFor();
    expect(await contrastOf(alert)).toBeGreaterThanOrEqual(4.5);
  });

  it('asks for another dry run when the request was changed', async () => {
    await open();
    await dryRun();
    await page.getByLabel('비율 % Per cent of users').fill('50');
    expect(await page.locator('#rollout-report').isVisible()).toBe(false);
  });
});

describe('a rollout at work', () => {
  const running = sampleEntry({ execution: 'e-42', phase: '4.2', percent: 100, status: 'running', finishedAt: null });
  const deployment = {
    number: 5,
    profile: 'feature-flags',
    state: 'BAKING',
    percentComplete: 40,
    deploymentMinutes: 30,
    bakeMinutes: 10,
    startedAt: '2026-11-22T17:00:00.000Z',
  };

  it('shows how far its deployment is, and is stopped after a question, with a reason', async () => {
    status = sampleRollout({ running, deployment, history: [running] });
    await open();
    const panel = page.getByRole('region', { name: '4.2 단계를 100%까지 열고 있습니다' });
    await panel.getByText('배포 5 (feature-flags): 알람 지켜보는 중 · 40% · 지켜보는 시간 10분').waitFor();
    expect(await panel.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('40');
    const stop = panel.getByRole('button', { name: '중지하고 되돌리기 Stop and roll back' });
    expect(await contrastOf(stop)).toBeGreaterThanOrEqual(4.5);
    await stop.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: '4.2 롤아웃을 중지할까요?' });
    await dialog.getByRole('textbox', { name: /사유/ }).fill('재생 오류');
    expect(stopped).toEqual([]);
    const ended = {
      ...running,
      status: 'rolled_back' as const,
      reason: 'the execution ended as ABORTED',
      finishedAt: '2026-11-22T17:05:00.000Z',
    };
    status = sampleRollout({ history: [ended] });
    await dialog.getByRole('button', { name: '중지하고 되돌리기 Stop and roll back' }).click();
    await page.getByRole('alert').getByText('4.2 되돌려짐 Rolled back: the execution ended as ABORTED').waitFor();
    expect(stopped).toEqual([{ execution: 'e-42', reason: '재생 오류' }]);
    expect(await stop.isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('says why it could not be stopped', async () => {
    status = sampleRollout({ running, history: [running] });
    served.rollout = {
      ...served.rollout,
      stop: async () => {
        throw new RefusedRequestError(409, 'no rollout is at work, so there is none to stop');
      },
    };
    await open();
    await page.getByRole('button', { name: '중지하고 되돌리기 Stop and roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '중지하고 되돌리기 Stop and roll back' }).click();
    await page.getByRole('alert').getByText('HTTP 409: no rollout is at work').waitFor();
  });

  it('that nobody started here is shown as a deployment', async () => {
    status = sampleRollout({ deployment });
    await open();
    await page.getByRole('heading', { name: 'AppConfig에 배포가 진행 중입니다' }).waitFor();
    expect(await page.locator('#rollout-stop').isVisible()).toBe(false);
  });
});

describe('the history', () => {
  it('says how each rollout ended and why, and keeps its gates at hand', async () => {
    const shut = sampleGates({ 'quarantine-percent': { value: 2.5, passed: false } });
    status = sampleRollout({
      history: [
        sampleEntry({ execution: 'b', phase: '4.2', status: 'refused', reason: 'GateFailedError: a gate is shut', gates: shut }),
        sampleEntry({ execution: 'a' }),
      ],
    });
    await open();
    await expect
      .poll(() => textsOf('#rollouts tr'))
      .toEqual([
        expect.stringMatching(/^4\.2100%거절됨 Refused11\. 08\. 01:001시간GateFailedError: a gate is shut관문 6개 중 1개 막힘/),
        expect.stringMatching(/^4\.1100%완료 Completed11\. 08\. 01:001시간관문 6개 모두 통과/),
      ]);
    await page.getByText('관문 6개 중 1개 막힘').click();
    expect(await page.locator('#rollouts [data-gate=quarantine-percent] .found').first().textContent()).toBe('2.5% ≤ 1%');
    expect(await page.locator('#rollouts [data-gate=quarantine-percent]').first().isVisible()).toBe(true);
  });

  it('stays, with word of it, while the API does not answer', async () => {
    await page.clock.install();
    await open();
    await page.locator('#rollouts tr').waitFor();
    status = new Error('AppConfig is away');
    await page.clock.runFor(11_000);
    await page.getByRole('alert').getByText('롤아웃 상태를 가져오지 못했습니다').waitFor();
    expect(await page.locator('#rollouts tr').count()).toBe(1);
    status = sampleRollout();
    await page.clock.runFor(6_000);
    await page.locator('#rollout-lost').waitFor({ state: 'hidden' });
  });
});

describe('the tab on a phone', () => {
  it.each(['light', 'dark'] as const)('fits 360 px and can be read, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 780 });
    status = sampleRollout(
      { history: [sampleEntry({ status: 'failed', reason: 'FlagsRefusedError: '.repeat(20) }), sampleEntry({ execution: 'a' })] },
      openedTo({ '4.1': 100, '4.2': 10 }, ['a-tester-with-a-rather-long-name-that-goes-on-and-on']),
    );
    await open();
    await dryRun();
    for (const details of await page.locator('#rollouts summary').all()) await details.click();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBe(0);
    const texts = [
      '.badge',
      '.badge .en',
      '.chip',
      '.about-gates .en',
      '.phase-notice',
      '.since',
      '.where',
      '.notice .notice-action',
      'dt, h4',
    ];
    for (const selector of texts) {
      for (const part of await page.locator(`#view-rollout :is(${selector})`).all()) {
        if (await part.isVisible()) expect(await contrastOf(part), selector).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(complaints).toEqual([]);
  });
});
