import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { RefusedRequestError } from '../../lambdas/operations/errors.ts';
import type { Movement, Status } from '../../lambdas/operations/status.ts';
import { playToEnd } from '../support/play-to-end.ts';
import { useConsole } from './console-page.ts';
import { contrastOf } from './contrast.ts';
import { HLS_SECONDS } from './make-hls.ts';
import { samplePage, sampleRow } from './sample-quarantine.ts';
import { sampleRun, sampleSettings, sampleStatus, sampleVideo } from './sample-status.ts';
import { type ServedConsole, serveConsole } from './serve-console.ts';

const playable = sampleVideo({
  id: 'played',
  url: '/encoded/index.m3u8',
  thumbnail: '/encoded/poster.jpg',
  durationSeconds: HLS_SECONDS,
  resolution: '640x360',
  renditions: [
    { name: '360p', width: 640, height: 360 },
    { name: '180p', width: 320, height: 180 },
  ],
});
const rejected = sampleVideo({
  id: 'rejected',
  title: '<img src="/nowhere" onerror="document.title=1">',
  status: 'failed',
  reason: { code: 'NOT_A_VIDEO', ko: '동영상 파일이 아니거나 손상된 파일입니다.', en: 'The file is not a video, or it is damaged.' },
});
const status = sampleStatus({ videos: [playable, rejected] });

const SINCE = '11. 23. 01:01 · 1시간 3분 전 1h 3m ago';

function stop(overrides: Partial<Movement>): Movement {
  const since = '2026-11-22T16:01:00.000Z';
  return { state: 'still', code: 'RUN_PAUSED', reason: null, value: null, threshold: null, unit: null, since, ...overrides };
}

const openConsole = useConsole(status, { media: true });
let served: ServedConsole;
let page: Page;
let complaints: readonly string[];
beforeEach(async () => {
  ({ served, page, complaints } = await openConsole());
});

describe('the status page', () => {
  it('shows how far each entity is', async () => {
    await page.goto(served.url);
    const channels = page.getByRole('progressbar', { name: '채널 Channels' });
    await expect.poll(() => channels.getAttribute('aria-valuenow')).toBe('76');
    expect(await channels.getAttribute('aria-valuetext')).toBe('2,000 중 완료 1,500, 격리 20, 대기 480');
    const shares = await channels.evaluate((bar) => [...bar.children].map((fill) => fill instanceof HTMLElement && fill.style.width));
    expect(shares).toEqual(['75%', '1%']);
    expect(await page.locator('[data-entity=channel] .pace').textContent()).toBe(
      '1,234행/초 rows/s · 남은 시간 3분 20초 (3m 20s left) · 늦어도 2026. 11. 28. at the latest',
    );
    expect(await page.getByRole('progressbar', { name: '전체 All rows' }).getAttribute('aria-valuetext')).toContain('10,000 중');
    expect(complaints).toEqual([]);
  });

  it('follows a run while it moves', async () => {
    served.status = { ...status, runs: [sampleRun({ status: 'running', finishedAt: null })] };
    await page.clock.install();
    await page.goto(served.url);
    const users = page.getByRole('progressbar', { name: '사용자 Users' });
    await users.waitFor();
    served.status = {
      ...served.status,
      entities: status.entities.map((entity) => ({ ...entity, total: 4000, completed: 1000, failed: 0, pending: 3000 })),
    };
    await page.clock.runFor(2_500);
    await expect.poll(() => users.getAttribute('aria-valuenow')).toBe('25');
  });

  it('plays a video to its end', async () => {
    await page.goto(`${served.url}#/videos`);
    await page.getByRole('link', { name: '여름 캠페인' }).click();
    const played = await playToEnd(page, 'played', { playbackRate: 2, timeoutMs: 15_000 });
    expect(Math.abs(played.duration - HLS_SECONDS)).toBeLessThan(0.2);
    expect(Math.abs(played.currentTime - played.duration)).toBeLessThan(0.1);
    expect(played.quality).toMatch(/^(360p · 640×360|180p · 320×180) · \d\.\d Mbps$/);
    expect(complaints).toEqual([]);
  });

  it('opens and plays a deep link without a click, and leaves it when the player is closed', async () => {
    await page.goto(`${served.url}#/videos/played`);
    await expect.poll(() => page.locator('#player video').evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#player video').count()).toBe(0);
    expect(new URL(page.url()).hash).toBe('');
    expect(complaints).toEqual([]);
  });

  it('says in Korean why an upload was rejected, and shows its title as text', async () => {
    await page.goto(`${served.url}#/videos`);
    const card = page.locator('[data-video=rejected]');
    await card.getByText('동영상 파일이 아니거나 손상된 파일입니다.').waitFor();
    expect(await card.locator('h3').textContent()).toBe('<img src="/nowhere" onerror="document.title=1">');
    await card.getByRole('link').click();
    await page.locator('#player').getByText('동영상 파일이 아니거나 손상된 파일입니다.').waitFor();
    expect(await page.locator('#player video').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('reports media that cannot be loaded', async () => {
    served.status = { ...status, videos: [{ ...playable, url: '/encoded/missing.m3u8' }] };
    await page.goto(served.url);
    await expect(playToEnd(page, 'played', { timeoutMs: 10_000 })).rejects.toThrow(/the player gave up.*manifestLoadError/);
  });

  it('keeps showing the last state while the API does not answer', async () => {
    await page.clock.install();
    await page.goto(served.url);
    await page.locator('[data-entity=channel]').waitFor();
    served.status = new Error('database is away');
    await page.clock.runFor(11_000);
    const note = page.getByRole('status');
    await note.waitFor();
    expect(await note.textContent()).toMatch(/API가 응답하지 않습니다 \(HTTP 503: .*\). 아래는 02:04:30의 마지막 상태/);
    expect(await page.locator('[data-entity=channel] .percent').textContent()).toBe('76%');
    served.status = status;
    await page.clock.runFor(6_000);
    await note.waitFor({ state: 'hidden' });
  });
});

describe('why it is not moving', () => {
  it('is said with reason, value, threshold and since when', async () => {
    served.status = {
      ...status,
      movement: {
        state: 'still',
        code: 'RUN_PAUSED',
        reason: 'QUARANTINE_BUDGET: user UNKNOWN_VALUE',
        value: 501,
        threshold: 500,
        unit: 'rows',
        since: '2026-11-22T16:01:00.000Z',
      },
      capture: { backlog: 1234, oldestSeconds: 200 },
    };
    await page.goto(served.url);
    const panel = page.getByRole('region', { name: '실행이 멈췄습니다' });
    await panel.getByText('격리 한도 초과: 사용자 · 알 수 없는 값').waitFor();
    const facts = await panel.locator('#movement-facts dd').allTextContents();
    expect(facts).toEqual(['501행 501 rows', '500행 500 rows', '11. 23. 01:01 · 1시간 3분 전 1h 3m ago']);
    expect(await panel.locator('#backlog').textContent()).toBe('1,234건 · 가장 오래된 것 3분 20초 전 oldest 3m 20s');
    expect(await panel.locator('#eta').textContent()).toBe('11. 23. 02:10 ~ 11. 28. 02:04');
    expect(await panel.locator('#quota').textContent()).toBe('4,490 / 10,000');
  });

  it.each<[string, Partial<Status>, { title: string; why: string; facts: readonly string[] }]>([
    [
      'an operator who gave no reason',
      { movement: stop({ code: 'PAUSE_REQUESTED', value: 'pause', threshold: 'run' }) },
      {
        title: '운영자 요청으로 멈춰 있습니다 Paused by an operator',
        why: '사유를 적지 않았습니다 No reason was given',
        facts: ['pause', 'run', SINCE],
      },
    ],
    [
      'settings that are switched off',
      { movement: stop({ code: 'SETTINGS_DISABLED', value: 'enabled: false', threshold: 'enabled: true' }) },
      {
        title: '설정에서 꺼져 있습니다 Switched off in the settings',
        why: '설정의 enabled가 꺼져 있어 행도 변경도 옮기지 않습니다. 켠 설정을 배포하면 다음 실행부터 움직입니다. The setting "enabled" is off: neither rows nor changes move. Deploy it switched on; the next run moves again.',
        facts: ['enabled: false', 'enabled: true', SINCE],
      },
    ],
    [
      'entities that are switched off',
      {
        movement: stop({
          code: 'ENTITY_OFF',
          reason: 'ENTITY_OFF: channel, video',
          value: 5480,
          threshold: 'entities.channel.enabled: true, entities.video.enabled: true',
          unit: 'rows',
        }),
      },
      {
        title: '설정에서 꺼진 대상이 있어 행이 기다립니다 Rows wait for what is switched off in the settings',
        why: '꺼진 대상: 채널, 동영상. 이를 참조하는 행도 함께 기다립니다. 켠 설정을 배포하면 다음 실행부터 옮깁니다. Switched off: Channels, Videos. What refers to it waits, too. Deploy it switched on; the next run takes these rows.',
        facts: ['5,480행 5,480 rows', 'entities.channel.enabled: true, entities.video.enabled: true', SINCE],
      },
    ],
    [
      'a day’s limit that is used up',
      { movement: stop({ code: 'QUOTA_USED', state: 'waiting', value: 1000, threshold: 1000, unit: 'rows' }) },
      {
        title: '오늘 한도를 모두 썼습니다 The day’s limit is used up',
        why: '다음 날 실행부터 이어집니다. The next day’s run goes on.',
        facts: ['1,000행 1,000 rows', '1,000행 1,000 rows', SINCE],
      },
    ],
    [
      'more coming in than goes out',
      { movement: stop({ code: 'INFLOW_OUTRUNS', value: 1200, threshold: 1000, unit: 'rows-per-day' }) },
      {
        title: '유입이 하루 한도를 앞지릅니다 More comes in than the limit lets through',
        why: '들어오는 행이 하루 한도보다 많거나 같아 이대로는 끝나지 않습니다. 한도를 올려 주세요. As much comes in as the day’s limit lets through, or more: it would never end. Raise the limit.',
        facts: ['하루 1,200행 1,200 rows a day', '하루 1,000행 1,000 rows a day', SINCE],
      },
    ],
    [
      'settings that do not validate',
      {
        movement: stop({
          code: 'SETTINGS_REFUSED',
          reason: 'the deployed document does not fit: dailyLimit: Too small',
          value: 'refused',
          threshold: 'valid',
        }),
      },
      {
        title: '배포된 설정을 쓸 수 없어 실행이 열리지 않습니다 No run opens: the deployed settings cannot be used',
        why: 'the deployed document does not fit: dailyLimit: Too small',
        facts: ['refused', 'valid', SINCE],
      },
    ],
  ])('is said of %s', async (_of, overrides, { title, why, facts }) => {
    served.status = { ...status, ...overrides };
    await page.goto(served.url);
    await expect.poll(() => page.locator('#movement-title').textContent()).toBe(title);
    expect(await page.locator('#movement-reason').textContent()).toBe(why);
    expect(await page.locator('#movement-facts dd').allTextContents()).toEqual(facts);
  });

  it('can be helped when the row of requests is gone: both buttons make it anew', async () => {
    served.status = {
      ...status,
      control: null,
      movement: stop({ code: 'CONTROL_MISSING', value: 0, threshold: 1, unit: 'rows', since: null }),
    };
    await page.goto(served.url);
    await page.getByText('요청 행이 없어 멈춰 있습니다').waitFor();
    expect(await page.locator('#control-pause').isVisible()).toBe(true);
    expect(await page.locator('#control-resume').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('says that a day’s limit was given by hand', async () => {
    served.status = { ...status, quota: { runDate: '2026-11-23', dailyLimit: 50, byHand: true, completed: 7 } };
    await page.goto(served.url);
    await expect.poll(() => page.locator('#quota').textContent()).toBe('7 / 50 · 수동 지정 by hand');
  });

  it('names the checks that did not pass', async () => {
    const checks = [
      { name: 'Unique Handles', passed: false, value: '2', expected: '0' },
      { name: 'User Count Match', passed: true, value: '2990', expected: '2990' },
    ];
    served.status = { ...status, verification: { runId: 'r', runDate: '2026-11-23', clean: false, entities: [], checks } };
    await page.goto(served.url);
    await expect
      .poll(() => page.locator('#checks li').allTextContents())
      .toEqual(['실패 Failed핸들 중복 없음 Unique Handles2 ≠ 0', '통과 Passed사용자 수 일치 User Count Match2990']);
    expect(await page.locator('#verdict').textContent()).toContain('점검 1건 실패');
  });
});

describe('the settings', () => {
  it('in force are shown, with their field names', async () => {
    await page.goto(served.url);
    const panel = page.getByRole('region', { name: '적용 중인 설정' });
    await panel.getByText('11. 01. 09:00부터').waitFor();
    const facts = await panel.locator('dl > div').allTextContents();
    expect(facts.map((fact) => fact.replaceAll(/\s+/g, ' '))).toEqual([
      '이관 Migration enabled켜짐 on',
      '하루 한도 Day’s limit dailyLimit10,000행 10,000 rows',
      '첫 배치 First batch batchRows100행 100 rows',
      '최대 배치 Largest batch maxBatchRows20,000행 20,000 rows',
      '동시 구간 Ranges at once parallelRanges2',
      '문장 목표 시간 Statement target statementTargetMs2초 2s',
      '격리 한도 Quarantine budgets budgets그 밖의 사유 500행·10% any other 500 rows and 10%',
      '꺼진 대상 Switched off entities없음 none',
    ]);
    expect(await panel.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('that were good last stay visible when the deployed document does not fit: which field, since when', async () => {
    const problem = { text: 'the deployed document does not fit: dailyLimit: Too small', since: '2026-11-22T16:00:00.000Z' };
    served.status = { ...status, settings: sampleSettings({ problem }) };
    await page.goto(served.url);
    const panel = page.getByRole('region', { name: '적용 중인 설정' });
    const alert = panel.getByRole('alert');
    await alert.getByText('dailyLimit: Too small').waitFor();
    expect(await alert.textContent()).toContain('11. 23. 01:00부터 since 11. 23. 01:00');
    expect(await panel.getByText('10,000행').isVisible()).toBe(true);
    expect(await contrastOf(alert.locator('code'))).toBeGreaterThanOrEqual(4.5);
    expect(await contrastOf(alert.locator('.en').first())).toBeGreaterThanOrEqual(4.5);
    served.status = { ...status, settings: sampleSettings({ inForce: null, since: null, problem }) };
    await page.reload();
    await panel.getByText('올바른 설정이 아직 없습니다').waitFor();
  });
});

describe('verification', () => {
  it('is repaired after a confirmation, by keyboard alone', async () => {
    let started = 0;
    served.api = {
      ...served.api,
      startRepair: async () => {
        started += 1;
        served.status = { ...status, runs: [sampleRun({ status: 'running', finishedAt: null, reportKey: null })] };
        return { execution: 'repair-20261122T1704' };
      },
    };
    await page.goto(served.url);
    const button = page.getByRole('button', { name: '검증·복구 Verify and repair' });
    await button.focus();
    expect(await contrastOf(button.locator('.en'))).toBeGreaterThanOrEqual(4.5);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: '검증하고 차이를 복구할까요?' });
    await dialog.waitFor();
    expect(started).toBe(0);
    await page.keyboard.press('Escape');
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: '복구 시작 Start the repair' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('복구 실행을 시작했습니다').waitFor();
    expect(started).toBe(1);
    await expect.poll(() => button.isDisabled()).toBe(true); // one run at a time
    expect(complaints).toEqual([]);
  });

  it('is repaired when it is asked again at once: the end of the first question is not taken for that of the second', async () => {
    served.api = { ...served.api, startRepair: async () => ({ execution: 'repair-20261122T1704' }) };
    await page.goto(served.url);
    await page.getByRole('button', { name: '검증·복구 Verify and repair' }).click();
    await page.evaluate(() => {
      document.querySelector<HTMLDialogElement>('#confirm')?.close();
      document.querySelector<HTMLButtonElement>('#repair')?.click();
    });
    await page.getByRole('dialog').getByRole('button', { name: '복구 시작 Start the repair' }).click();
    await page.getByText('복구 실행을 시작했습니다').waitFor();
  });

  it('says why a repair was refused, and keeps the keyboard where it was', async () => {
    served.api = {
      ...served.api,
      startRepair: async () => {
        throw new RefusedRequestError(409, 'a run is at work and only one may be');
      },
    };
    await page.goto(served.url);
    await page.getByRole('button', { name: '검증·복구 Verify and repair' }).click();
    const yes = page.getByRole('dialog').getByRole('button', { name: '복구 시작 Start the repair' });
    await yes.click();
    await page.getByRole('alert').getByText('HTTP 409: a run is at work and only one may be').waitFor();
    await expect.poll(() => yes.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('does not let a command that was sent be looked away from', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    served.api = {
      ...served.api,
      startRepair: async () => {
        await promise;
        return { execution: 'repair-20261122T1704' };
      },
    };
    await page.goto(served.url);
    await page.getByRole('button', { name: '검증·복구 Verify and repair' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '복구 시작 Start the repair' }).click();
    await page.keyboard.press('Escape');
    expect(await page.locator('#confirm').isVisible()).toBe(true);
    resolve();
    await page.getByText('복구 실행을 시작했습니다').waitFor();
    expect(await page.locator('#confirm').isVisible()).toBe(false);
  });

  it('links to the report of the latest run that has one, which opens as a page without scripts', async () => {
    const asked: unknown[] = [];
    const runId = '00000000-0000-4000-8000-00000000000a';
    served.status = {
      ...status,
      runs: [sampleRun({ runId: '00000000-0000-4000-8000-00000000000b', reportKey: null }), sampleRun({ runId })],
    };
    served.api = {
      ...served.api,
      readReport: async (query) => {
        asked.push(query);
        return '<!doctype html><title>보고서</title><style>h1{color:rgb(1,2,3)}</style><h1>이관 보고서</h1><script>document.title="ran"</script>';
      },
    };
    await page.goto(served.url);
    const link = page.getByRole('link', { name: '마지막 보고서 Latest report' });
    expect(await contrastOf(link)).toBeGreaterThanOrEqual(4.5);
    expect(await page.locator('#runs a.report').count()).toBe(1);
    const opened = page.context().waitForEvent('page');
    await link.focus();
    await page.keyboard.press('Enter');
    const report = await opened;
    await report.getByRole('heading', { name: '이관 보고서' }).waitFor();
    expect(await report.title()).toBe('보고서');
    expect(await report.locator('h1').evaluate((heading) => getComputedStyle(heading).color)).toBe('rgb(1, 2, 3)');
    expect(asked).toEqual([{ run: runId }]);
    await report.close();
    expect(complaints).toEqual([]);
  });

  it('offers no report before there is one', async () => {
    served.status = { ...status, runs: [sampleRun({ reportKey: null })] };
    await page.goto(served.url);
    await page.locator('[data-entity=channel]').waitFor();
    expect(await page.locator('#last-report').isVisible()).toBe(false);
  });
});

describe('a run', () => {
  it('that failed says so, also when it had been paused before', async () => {
    const pause = { reason: 'REQUESTED: 점검', value: 'pause', threshold: 'run', since: status.now };
    served.status = {
      ...status,
      runs: [
        sampleRun({ runId: 'a', status: 'failed', reason: 'LeaseLostError: taken over', pause, reportKey: null }),
        sampleRun({ runId: 'b', status: 'paused', reason: pause.reason, pause, reportKey: null }),
      ],
    };
    await page.goto(served.url);
    await expect
      .poll(() => page.locator('#runs .note').allTextContents())
      .toEqual(['LeaseLostError: taken over', '운영자 요청: 점검 Asked for by an operator']);
  });
});

describe('control', () => {
  it('pauses after a confirmation, with a reason, and then says why nothing moves', async () => {
    const commands: unknown[] = [];
    served.api = {
      ...served.api,
      control: async (input) => {
        commands.push(input);
        const control = { request: 'pause', reason: input.reason ?? null, since: status.now } as const;
        served.status = {
          ...status,
          control,
          movement: { ...control, state: 'still', code: 'PAUSE_REQUESTED', value: 'pause', threshold: 'run', unit: null },
        };
        return control;
      },
    };
    await page.goto(served.url);
    await page.getByRole('button', { name: '일시 중지 Pause' }).click();
    const dialog = page.getByRole('dialog', { name: '이관을 일시 중지할까요?' });
    await dialog.getByRole('textbox').fill('데이터베이스 점검');
    expect(commands).toEqual([]);
    await dialog.getByRole('button', { name: '일시 중지 Pause' }).click();
    const panel = page.getByRole('region', { name: '운영자 요청으로 멈춰 있습니다' });
    await panel.getByText('데이터베이스 점검').waitFor();
    await panel.getByText('일시 중지를 요청했습니다.').waitFor();
    expect(commands).toEqual([{ action: 'pause', reason: '데이터베이스 점검' }]);
    expect(await panel.getByRole('button').allTextContents()).toEqual(expect.arrayContaining([expect.stringContaining('재개')]));
    expect(await page.getByRole('button', { name: '일시 중지 Pause' }).isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('does nothing when the question is dismissed, and says when the command was refused', async () => {
    let commands = 0;
    served.api = {
      ...served.api,
      control: async () => {
        commands += 1;
        throw new Error('the database is away');
      },
    };
    await page.goto(served.url);
    await page.getByRole('button', { name: '일시 중지 Pause' }).click();
    await page.keyboard.press('Escape');
    expect(commands).toBe(0);
    await page.getByRole('button', { name: '일시 중지 Pause' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '일시 중지 Pause' }).click();
    await page.getByRole('alert').getByText('this cannot be answered right now').waitFor();
    expect(await page.locator('#confirm').isVisible()).toBe(true);
  });

  it('offers to cancel only while a run is at work', async () => {
    await page.goto(served.url);
    await page.locator('[data-entity=channel]').waitFor();
    expect(await page.locator('#control-cancel').isVisible()).toBe(false);
    served.status = { ...status, runs: [sampleRun({ status: 'running', finishedAt: null })] };
    await page.reload();
    await page.locator('#control-cancel').waitFor();
  });
});

describe('the quarantine on the page', () => {
  const rows = [
    sampleRow({
      entity: 'channel',
      legacyId: 'c1',
      reason: 'CONSTRAINT',
      column: null,
      value: null,
      sqlState: '23505',
      message: 'ERROR: duplicate key',
    }),
    ...Array.from({ length: 30 }, (_, index) => sampleRow({ legacyId: `v${String(index).padStart(2, '0')}` })),
  ];
  const counts = [
    { entity: 'channel', reason: 'CONSTRAINT', count: 1, triedAt: status.now },
    { entity: 'video', reason: 'UNKNOWN_VALUE', count: 30, triedAt: status.now },
  ];
  /** Rows that were put on the change log. */
  let queued: Set<string>;

  beforeEach(() => {
    queued = new Set();
    served.status = { ...status, quarantine: counts };
    served.api = {
      ...served.api,
      readQuarantine: async ({ entity, reason, after, limit }) => {
        const matching = rows
          .filter((row) => (entity ?? row.entity) === row.entity && (reason ?? row.reason) === row.reason)
          .map((row) => ({ ...row, queued: queued.has(row.legacyId) }));
        const start = after === undefined ? 0 : matching.findIndex(({ legacyId }) => after.endsWith(`:${legacyId}`)) + 1;
        const page = matching.slice(start, start + limit);
        const last = page.at(-1);
        return samplePage({ rows: page, next: start + limit < matching.length && last ? `${last.entity}:${last.legacyId}` : null });
      },
      retryRows: async (input) => {
        const ids =
          'legacyIds' in input ? input.legacyIds : rows.filter(({ reason }) => reason === input.reason).map(({ legacyId }) => legacyId);
        for (const id of ids) queued.add(id);
        return { queued: ids.length, alreadyQueued: 0, left: 0 };
      },
    };
  });

  const shownIds = () =>
    page
      .locator('#quarantine-rows code')
      .filter({ hasText: /^[cv]\d+$/ })
      .allTextContents();

  it('is narrowed by a filter or a count, and paged both ways', async () => {
    await page.goto(served.url);
    await expect.poll(shownIds).toHaveLength(25);
    expect(await page.locator('#quarantine-position').textContent()).toBe('1–25 / 31');
    await page.getByRole('button', { name: /다음/ }).click();
    await expect.poll(shownIds).toEqual(['v24', 'v25', 'v26', 'v27', 'v28', 'v29']);
    expect(await page.locator('#quarantine-position').textContent()).toBe('26–31 / 31');
    expect(await page.getByRole('button', { name: /다음/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: /이전/ }).click();
    await expect.poll(shownIds).toHaveLength(25);
    await page.locator('#quarantine-entity').selectOption('channel');
    await expect.poll(shownIds).toEqual(['c1']);
    expect(await page.locator('#quarantine-rows .fault').textContent()).toBe('ERROR: duplicate key · 23505');
    await page.locator('#quarantine-entity').selectOption('');
    await page.locator('#quarantine-list button[data-of=video]').click();
    await expect.poll(async () => (await shownIds())[0]).toBe('v00');
    expect(await page.locator('#quarantine-reason').inputValue()).toBe('UNKNOWN_VALUE');
    expect(complaints).toEqual([]);
  });

  it('retries the rows that are chosen, after a confirmation, and shows them waiting', async () => {
    await page.goto(served.url);
    await page.getByLabel('채널 c1 선택 Select').check();
    await page.getByLabel('동영상 v03 선택 Select').check();
    await page.getByRole('button', { name: '선택한 2행 다시 시도' }).click();
    expect(queued.size).toBe(0);
    await page.getByRole('dialog').getByRole('button', { name: '다시 시도 Retry' }).click();
    await page.getByText('2행을 다시 시도 목록에 넣었습니다').waitFor();
    expect([...queued]).toEqual(['c1', 'v03']);
    await expect.poll(() => page.locator('#quarantine-rows tr[data-queued]').count()).toBe(2);
    expect(await page.getByLabel('동영상 v03 선택 Select').isDisabled()).toBe(true);
    expect(await page.locator('#retry-selected').isDisabled()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('retries all rows of a reason', async () => {
    await page.goto(served.url);
    await page.locator('#quarantine-list button[data-of=video]').click();
    await page.getByRole('button', { name: '이 사유 30행 모두 다시 시도' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '다시 시도 Retry' }).click();
    await page.getByText('30행을 다시 시도 목록에 넣었습니다').waitFor();
    expect(queued.size).toBe(30);
  });

  it('takes no command of a page of another site', async () => {
    let commands = 0;
    served.api = {
      ...served.api,
      control: async () => {
        commands += 1;
        throw new Error('was carried out');
      },
    };
    const other = await serveConsole(status);
    try {
      await page.goto(other.url);
      const sent = await page.evaluate(async (url) => {
        const simple = await fetch(`${url}api/control`, { method: 'POST', mode: 'no-cors', body: '{"action":"pause"}' }).then(
          ({ type }) => type,
          String,
        );
        const json = await fetch(`${url}api/control`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"action":"pause"}',
        }).then(({ type }) => type, String);
        const read = await fetch(`${url}api/quarantine`).then(({ type }) => type, String);
        return { simple, json, read };
      }, served.url);
      expect(sent.json).toContain('Failed to fetch');
      expect(sent.read).toContain('Failed to fetch');
      expect(commands).toBe(0);
    } finally {
      await other.close();
    }
  });
});
