import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FLAG_NAMES } from '../../lambdas/rollout/catalogue.ts';
import { flagsDocument, INITIAL_STATES } from '../../lambdas/rollout/flags-document.ts';
import type { Gate } from '../../lambdas/rollout/gates.ts';
import { emptyLegacy, emptyVideoPlatform } from '../support/database-content.ts';
import { insertCreator } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';
import { type RolloutCloud, type RolloutCloudOptions, startRolloutCloud, synthesizeRollout } from './rollout-cloud.ts';

let database: MigrationDatabase;
let synthesized: ReturnType<typeof synthesizeRollout>;
let cloud: RolloutCloud;

beforeAll(async () => {
  synthesized = synthesizeRollout();
  database = await createMigrationDatabase();
}, 120_000);
afterAll(async () => {
  await database?.close();
  synthesized?.remove();
});
beforeEach(async () => {
  await emptyLegacy(database);
  await emptyVideoPlatform(database);
  await insertCreator(database);
  await migrate(database.db);
});
afterEach(() => cloud?.close());

async function begin(options: Omit<RolloutCloudOptions, 'database' | 'assembly'> = {}): Promise<RolloutCloud> {
  cloud = await startRolloutCloud({ database, assembly: synthesized.assembly, ...options });
  return cloud;
}
const history = () =>
  database.query<{ phase: string; percent: number; status: string; reason: string | null }>(
    'select phase, percent, status, reason from video_platform.rollout_history order by started_at',
  );
const on = async () => {
  const { flags } = await cloud.deployed();
  return FLAG_NAMES.filter((name) => flags[name].enabled && flags[name].exposure !== null);
};
const shut = (gates: readonly Gate[]) => gates.filter(({ passed }) => !passed).map(({ name }) => name);

describe('the rollout', () => {
  it('opens the phases in order, each with its flags and its notice, and tells people', async () => {
    await begin();
    const opened: unknown[] = [];
    for (const phase of ['4.1', '4.2', '4.3', '4.4']) {
      const { status, output } = await cloud.run({ phase });
      const { notice, busyWith } = await cloud.deployed();
      opened.push([status, output.outcome, (await on()).length, notice, busyWith]);
    }
    expect(opened).toEqual([
      ['SUCCEEDED', 'completed', 2, 'evolution', undefined],
      ['SUCCEEDED', 'completed', 4, 'beta', undefined],
      ['SUCCEEDED', 'completed', 6, 'conversion', undefined],
      ['SUCCEEDED', 'completed', 8, 'conversion', undefined],
    ]);
    expect((await history()).map(({ phase, percent, status }) => [phase, percent, status])).toEqual(
      ['4.1', '4.2', '4.3', '4.4'].map((phase) => [phase, 100, 'completed']),
    );
    expect(cloud.notices()).toEqual(['4.1', '4.2', '4.3', '4.4'].map((phase) => `rollout: VideoPick rollout ${phase}: completed`));
  });

  it('keeps gates, flags before and after, versions and deployment on record', async () => {
    await begin();
    await cloud.run({ phase: '4.1' });
    const [row] = await database.query('select * from video_platform.rollout_history');
    expect(row).toMatchObject({
      flags_before: { show_video_tab: { enabled: false } },
      flags_after: { show_video_tab: { enabled: true, percent: 100 } },
      flags_version: 2,
      notice_version: 2,
      deployment_number: 3,
      gates: expect.arrayContaining([expect.objectContaining({ name: 'verification-differences', value: 0, passed: true })]),
    });
    expect(row?.finished_at).not.toBeNull();
  });

  it('widens a phase step by step, and publishes the notice when it is open to everybody', async () => {
    await begin();
    for (const percent of [0, 10]) {
      expect((await cloud.run({ phase: '4.1', percent, testers: ['minji'] })).status).toBe('SUCCEEDED');
      expect((await cloud.deployed()).notice).toBeNull();
    }
    expect((await cloud.deployed()).flags.SHOW_VIDEO_TAB.exposure).toEqual({ percent: 10, testers: ['minji'] });
    expect(await cloud.run({ phase: '4.2' })).toMatchObject({ status: 'FAILED', error: 'SkippedPhaseError' });
    await cloud.run({ phase: '4.1' });
    expect(await cloud.deployed()).toMatchObject({ notice: 'evolution', flags: { SHOW_VIDEO_TAB: { exposure: { percent: 100 } } } });
  });
});

describe('a refusal', () => {
  it.each([
    ['a phase that does not exist', { phase: '9.9' }, 'UnknownPhaseError', '4.1, 4.2, 4.3, 4.4'],
    ['a skipped phase', { phase: '4.2' }, 'SkippedPhaseError', 'Roll out 4.1 first'],
    ['a percentage above 100', { phase: '4.1', percent: 101 }, 'InvalidInputError', 'percent'],
    ['a percentage below 0', { phase: '4.1', percent: -1 }, 'InvalidInputError', 'percent'],
    ['an unknown field', { phase: '4.1', dryrun: true }, 'InvalidInputError', 'dryrun'],
    ['an input that is text', '4.1', 'InvalidInputError', 'request'],
  ])('names %s, and nothing is changed', async (_, input, error, cause) => {
    await begin();
    const before = await cloud.deployed();
    const ended = await cloud.run(input);
    expect(ended).toMatchObject({ status: 'FAILED', error });
    expect(ended.cause).toContain(cause);
    expect(await cloud.deployed()).toEqual(before);
    expect(cloud.called).toEqual(['open-rollout', 'close-rollout']);
  });

  it('of a phase that is on already says so, and stays on record', async () => {
    await begin();
    await cloud.run({ phase: '4.1' });
    const before = await cloud.deployed();
    expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'FAILED', error: 'PhaseAlreadyOnError' });
    expect(await cloud.deployed()).toEqual(before);
    expect(await history()).toMatchObject([
      { status: 'completed' },
      { status: 'refused', reason: expect.stringMatching(/^PhaseAlreadyOnError: /) },
    ]);
    expect(cloud.notices().at(-1)).toBe('rollout: VideoPick rollout 4.1: refused');
  });

  it('of one of two at once names the other, which goes on', async () => {
    await begin({
      onQuestion: async ({ question }) => {
        if (question === 1) expect(await cloud.run({ phase: '4.1' })).toMatchObject({ error: 'RolloutInProgressError' });
      },
    });
    expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'SUCCEEDED' });
    expect((await history()).map(({ status }) => status)).toEqual(['completed', 'refused']);
  });

  it('by a gate reports all gates, and says which is shut', async () => {
    await begin();
    cloud.setThresholds({ minUploadsPerDay: 5, verificationMaxAgeHours: 0.000_001 });
    const { status, error, cause } = await cloud.run({ phase: '4.1' });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'GateFailedError' });
    expect(cause).toContain('uploads-a-day is 0, threshold 5');
    const [row] = await database.query<{ status: string; gates: Gate[] }>('select status, gates from video_platform.rollout_history');
    expect(row?.status).toBe('refused');
    expect(shut(row?.gates ?? [])).toContain('uploads-a-day');
    expect(row?.gates).toHaveLength(8);
    expect(await on()).toEqual([]);
  });

  it('when somebody stores a version between plan and rollout is named, asked once, and succeeds when it is asked again', async () => {
    let isStored = false;
    await begin({
      onStep: async (name) => {
        if (name === 'store-version' && !isStored) isStored = (await cloud.storeByHand('flags', flagsDocument(INITIAL_STATES))) === 2;
      },
    });
    const before = await cloud.deployed();
    const { status, error, cause } = await cloud.run({ phase: '4.1' });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'VersionConflictError' });
    expect(cause).toContain("the newest version of AppConfig's profile feature-flags is 2, the rollout was planned after version 1");
    expect(cloud.called.filter((name) => name === 'store-version')).toHaveLength(1);
    expect(await cloud.deployed()).toEqual(before);
    expect(await history()).toMatchObject([{ status: 'refused' }]);
    expect(cloud.notices()).toEqual(['rollout: VideoPick rollout 4.1: refused']);
    expect((await cloud.run({ phase: '4.1' })).status).toBe('SUCCEEDED');
  });

  it('by rows that differ since the last verification', async () => {
    await begin();
    await database.query(`update video_platform.verification_run set different = 2 where entity_type = 'channel'`);
    const { error, cause } = await cloud.run({ phase: '4.1' });
    expect(error).toBe('GateFailedError');
    expect(cause).toContain('verification-differences is 2, threshold 0');
  });

  it.each(['ALARM', 'INSUFFICIENT_DATA'])('by an alarm in %s is named for it', async (state) => {
    await begin();
    cloud.alarm(state);
    const { error, cause } = await cloud.run({ phase: '4.1' });
    expect(error).toBe('AlarmStateError');
    expect(cause).toContain(`alarm:videopick-dev-rollout-api-faults is ${state}, threshold OK`);
    expect(await on()).toEqual([]);
    expect(cloud.told).toEqual([]);
  });
});

describe('a dry run', () => {
  it('reports gates, the flags that would change and the notice, and changes nothing', async () => {
    await begin();
    const before = await cloud.deployed();
    const { status, output } = await cloud.run({ phase: '4.1', percent: 100, dryRun: true });
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({
      outcome: 'dry run',
      passed: true,
      refusal: null,
      changes: [{ flag: 'SHOW_VIDEO_TAB', before: { enabled: false }, after: { enabled: true } }, { flag: 'ENABLE_VIDEO_UPLOAD' }],
      notice: { id: 'evolution', title: { ko: 'LinkPick이 동영상 플랫폼으로 진화합니다!' } },
    });
    expect(await cloud.deployed()).toEqual(before);
    expect(await history()).toEqual([]);
    expect(cloud.notices()).toEqual([]);
    expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('tells what a shut gate would say, and succeeds', async () => {
    await begin();
    cloud.setThresholds({ minUploadsPerDay: 5 });
    const { status, output } = await cloud.run({ phase: '4.1', percent: 10, dryRun: true });
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ passed: false, refusal: { Error: 'GateFailedError' }, notice: null });
    expect(shut(output.gates)).toEqual(['uploads-a-day']);
  });

  it('is refused by name where the real one would be', async () => {
    await begin();
    expect(await cloud.run({ phase: '4.3', dryRun: true })).toMatchObject({ status: 'FAILED', error: 'SkippedPhaseError' });
    expect(await history()).toEqual([]);
    expect(cloud.notices()).toEqual([]);
  });
});

describe('an alarm while a phase bakes', () => {
  it('turns the flags back, keeps the old notice, fails by name and tells the hotline', async () => {
    await begin({ onQuestion: ({ alarm, question }) => void (question === 5 && alarm('ALARM')) });
    expect((await cloud.run({ phase: '4.1' })).status).toBe('SUCCEEDED');
    const before = await cloud.deployed();
    const { status, error, cause } = await cloud.run({ phase: '4.2' });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'RolledBackError' });
    expect(cause).toContain('videopick-dev-rollout-api-faults');
    expect(await cloud.deployed()).toEqual(before);
    expect((await cloud.deployed()).notice).toBe('evolution');
    expect(await history()).toMatchObject([{ status: 'completed' }, { phase: '4.2', status: 'rolled_back' }]);
    expect(cloud.notices().at(-1)).toBe('hotline: VideoPick rollout 4.2: ROLLED BACK');
  });

  it('does not stand in the way of another attempt when it is quiet again', async () => {
    await begin({ onQuestion: ({ alarm, question }) => void (question === 1 && alarm('ALARM')) });
    expect((await cloud.run({ phase: '4.1' })).error).toBe('RolledBackError');
    expect((await cloud.run({ phase: '4.1' })).error).toBe('AlarmStateError');
    cloud.alarm('OK');
    expect((await cloud.run({ phase: '4.1' })).status).toBe('SUCCEEDED');
  });
});

describe('an execution that is stopped in mid-deployment', () => {
  it('has its deployment taken back, and the hotline is told', async () => {
    let arn = '';
    await begin({ onQuestion: ({ question }) => void (question === 1 && cloud.stepFunctions.stopExecution(arn, { cause: 'by hand' })) });
    arn = cloud.start({ phase: '4.1' });
    expect(await cloud.ended(arn)).toMatchObject({ status: 'ABORTED' });
    expect(await cloud.deployed()).toMatchObject({ notice: null, busyWith: undefined });
    expect(await on()).toEqual([]);
    expect(await history()).toMatchObject([{ status: 'rolled_back', reason: expect.stringContaining('ABORTED (by hand)') }]);
    expect(cloud.told).toMatchObject([{ subject: 'VideoPick rollout 4.1: ROLLED BACK' }]);
    expect((await cloud.run({ phase: '4.1' })).status).toBe('SUCCEEDED');
  });

  it('has the hotline told by the repeat when the first message is lost', async () => {
    let arn = '';
    let tries = 0;
    await begin({
      onQuestion: ({ question }) => void (question === 1 && cloud.stepFunctions.stopExecution(arn)),
      onTelling: () => {
        tries += 1;
        if (tries === 1) throw new Error('SNS is away');
      },
    });
    arn = cloud.start({ phase: '4.1' });
    await cloud.ended(arn);
    expect(cloud.told).toMatchObject([
      { subject: 'VideoPick rollout 4.1: ROLLED BACK', text: expect.stringContaining('deployment 3 of feature-flags was taken back') },
    ]);
    expect(await history()).toMatchObject([{ status: 'rolled_back' }]);
  });

  it('has the hotline told also when the next rollout takes over before the repeat', async () => {
    let arn = '';
    let tries = 0;
    await begin({
      onQuestion: ({ question }) => void (question === 1 && cloud.stepFunctions.stopExecution(arn)),
      onTelling: async () => {
        tries += 1;
        if (tries > 1) return;
        await cloud.stepFunctions.waitForExecution(cloud.start({ phase: '4.1' }));
        throw new Error('SNS is away');
      },
    });
    arn = cloud.start({ phase: '4.1' });
    await cloud.ended(arn);
    expect(await history()).toMatchObject([{ status: 'rolled_back' }, { status: 'completed' }]);
    expect(cloud.told).toMatchObject([{ subject: 'VideoPick rollout 4.1: ROLLED BACK' }]);
  });

  it('has failed, not been rolled back, when its flags are on already', async () => {
    let arn = '';
    await begin({
      onStep: (name) => {
        if (name !== 'close-rollout') return;
        cloud.stepFunctions.stopExecution(arn);
        throw new Error('the function dies with its execution');
      },
    });
    arn = cloud.start({ phase: '4.1', percent: 10 });
    await cloud.ended(arn);
    expect(await on()).toEqual(['SHOW_VIDEO_TAB', 'ENABLE_VIDEO_UPLOAD']);
    expect(cloud.told).toMatchObject([{ subject: 'VideoPick rollout 4.1: FAILED', text: expect.not.stringContaining('taken back') }]);
  });
});

describe('a rollout whose execution is gone without a word', () => {
  const arn = 'arn:aws:states:ap-northeast-2:000000000000:execution:videopick-dev-rollout:gone';

  it('is taken over by the next one, its deployment taken back first', async () => {
    await begin();
    const [row] = await database.query<{ id: string }>(
      `insert into video_platform.rollout_history (execution_arn, phase) values ($1, '4.1') returning id`,
      [arn],
    );
    await cloud.leaveDeployment(row?.id ?? '');
    expect((await cloud.deployed()).busyWith).toBe('deployment 3 of feature-flags');
    expect((await cloud.run({ phase: '4.1', percent: 5 })).status).toBe('SUCCEEDED');
    expect(await history()).toMatchObject([
      {
        status: 'rolled_back',
        reason: 'its execution ended without closing the rollout; deployment 3 of feature-flags was taken back',
        percent: 100,
      },
      { status: 'completed', percent: 5 },
    ]);
    expect((await cloud.deployed()).flags.SHOW_VIDEO_TAB.exposure?.percent).toBe(5);
  });

  it('does not hide a deployment that somebody else began', async () => {
    await begin();
    await cloud.leaveDeployment('by-hand');
    const { error, cause } = await cloud.run({ phase: '4.1' });
    expect(error).toBe('RolloutInProgressError');
    expect(cause).toContain('deployment 3 of feature-flags');
    expect((await cloud.deployed()).busyWith).toBe('deployment 3 of feature-flags');
  });
});

it('ends as a refusal when AppConfig finds fault with the document, and deploys nothing', async () => {
  await begin();
  cloud.refuseDocuments();
  const before = await cloud.deployed();
  expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'FAILED', error: 'FlagsRefusedError' });
  expect(await cloud.deployed()).toEqual(before);
  expect(await history()).toMatchObject([{ status: 'refused' }]);
});

it('ends with the flags on when the notice cannot be published, and the next rollout of the phase publishes it', async () => {
  await begin({ onQuestion: ({ question }) => void (question === 3 && cloud.loseNotice()) });
  expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'FAILED' });
  expect(await cloud.deployed()).toMatchObject({ notice: null, flags: { SHOW_VIDEO_TAB: { enabled: true } } });
  expect(await history()).toMatchObject([{ status: 'failed' }]);
  expect(cloud.notices().at(-1)).toBe('hotline: VideoPick rollout 4.1: FAILED');
  expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'SUCCEEDED' });
  expect((await cloud.deployed()).notice).toBe('evolution');
});

it('is no refusal when somebody has stored a notice meanwhile: the flags are on, and the next rollout of the phase publishes it', async () => {
  let stored = 0;
  await begin({
    onStep: async (name) => {
      if (name !== 'store-version') return;
      stored += 1;
      if (stored === 2) await cloud.storeByHand('notices', {});
    },
  });
  expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'FAILED', error: 'VersionConflictError' });
  expect(await cloud.deployed()).toMatchObject({ notice: null, flags: { SHOW_VIDEO_TAB: { enabled: true } } });
  expect(await history()).toMatchObject([{ status: 'failed' }]);
  expect(cloud.notices()).toEqual(['hotline: VideoPick rollout 4.1: FAILED']);
  expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'SUCCEEDED' });
  expect((await cloud.deployed()).notice).toBe('evolution');
});

it('is no refusal when a deployment has begun whose answer was lost: it is taken back, and the hotline is told', async () => {
  await begin();
  cloud.loseAnswer();
  expect(await cloud.run({ phase: '4.1' })).toMatchObject({ status: 'FAILED', error: 'RolloutInProgressError' });
  expect(await on()).toEqual([]);
  expect(await history()).toMatchObject([{ status: 'rolled_back' }]);
  expect(cloud.notices()).toEqual(['hotline: VideoPick rollout 4.1: ROLLED BACK']);
});

it('goes on when AppConfig fails to say, once, how far the deployment is', async () => {
  await begin({ onQuestion: ({ question }) => void (question === 1 && cloud.failQuestion()) });
  expect((await cloud.run({ phase: '4.1' })).status).toBe('SUCCEEDED');
});

it('keeps the notice of a later phase when the testers of an earlier one change', async () => {
  await begin();
  await cloud.run({ phase: '4.1' });
  await cloud.run({ phase: '4.2' });
  expect(await cloud.run({ phase: '4.1', testers: ['minji'] })).toMatchObject({ status: 'SUCCEEDED' });
  expect(await cloud.deployed()).toMatchObject({ notice: 'beta', flags: { SHOW_VIDEO_TAB: { exposure: { testers: ['minji'] } } } });
});
