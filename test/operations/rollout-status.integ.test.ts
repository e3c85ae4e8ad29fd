import { AppConfigClient, ListDeploymentsCommand } from '@aws-sdk/client-appconfig';
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readRolloutExecution } from '../../lambdas/operations/rollout-execution.ts';
import { readRolloutStatus } from '../../lambdas/operations/rollout-read-status.ts';
import { StartRolloutInput, startRollout } from '../../lambdas/operations/rollout-start.ts';
import { stopRollout } from '../../lambdas/operations/rollout-stop.ts';
import { checkGates } from '../../lambdas/rollout/check-gates.ts';
import { type FlagStates, flagsDocument, INITIAL_STATES } from '../../lambdas/rollout/flags-document.ts';
import { NOTICES } from '../../lambdas/rollout/notices.ts';
import { endRollout, openRollout, recordGates, recordRefusal } from '../../lambdas/rollout/rollout-history.ts';
import { insertCreator } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { openedTo, sampleGates } from './rollout-sample.ts';

const MACHINE = 'arn:aws:states:ap-northeast-2:123456789012:stateMachine:videopick-dev-rollout';
const EXECUTION = MACHINE.replace(':stateMachine:', ':execution:');
const profiles = { flags: { id: 'f1', name: 'feature-flags' }, notices: { id: 'n1', name: 'notices' } };
const NOW = new Date('2026-11-23T03:04:05.678Z');

const database = useMigrationDatabase();
const appConfig = mockClient(new AppConfigClient({ region: 'ap-northeast-2' }));
const sfn = mockClient(new SFNClient({ region: 'ap-northeast-2' }));

beforeEach(() => {
  appConfig.reset();
  appConfig.on(ListDeploymentsCommand).resolves({ Items: [] });
  sfn.reset();
});

interface Deployed {
  readonly flags?: FlagStates | string;
  readonly notice?: object;
}

function read({ flags = INITIAL_STATES, notice = {} }: Deployed = {}, now = new Date()) {
  const documents: Readonly<Record<string, string>> = {
    f1: typeof flags === 'string' ? flags : JSON.stringify(flagsDocument(flags)),
    n1: JSON.stringify(notice),
  };
  return readRolloutStatus({
    db: database.db,
    appConfig: appConfig as unknown as AppConfigClient,
    hosted: { deployed: async ({ id }) => ({ text: documents[id] ?? '', version: 1 }) },
    ids: { applicationId: 'a1', environmentId: 'e1' },
    profiles,
    thresholds: { minUploadsPerDay: 0 },
    now: () => now,
  });
}

/** A rollout on record, as the machine's steps leave it. */
async function recorded(name: string, phase: string, end?: Parameters<typeof endRollout>[2]): Promise<string> {
  const id = await openRollout(database.db, { executionArn: `${EXECUTION}:${name}`, phase, percent: 100 });
  await recordGates(database.db, id, sampleGates());
  if (end !== undefined) await endRollout(database.db, id, end);
  return id;
}
const completed = { status: 'completed', reason: null, deploymentNumber: 3 } as const;

describe('the rollout’s status', () => {
  it('before the first phase has all phases closed, the first next, no notice and no history', async () => {
    const status = await read();
    expect(status).toMatchObject({ current: null, problem: null, deployment: null, running: null, history: [], notice: null });
    expect(status.phases.map(({ id, state, percent }) => [id, state, percent])).toEqual([
      ['4.1', 'next', null],
      ['4.2', 'later', null],
      ['4.3', 'later', null],
      ['4.4', 'later', null],
    ]);
    expect(status.flags).toHaveLength(11);
    expect(status.phases[0]?.thresholds.minUploadsPerDay).toBe(0); // the environment's, not the phase's
  });

  it('has the gates of the next phase as a rollout would find them, but for the alarms', async () => {
    await insertCreator(database);
    await migrate(database.db);
    await recorded('first', '4.1', completed);
    const now = new Date(Date.now() + 3 * 24 * 3_600_000);
    const { phases } = await read({ flags: openedTo({ '4.1': 100 }) }, now);
    const judged = await checkGates(
      { rollout: { id: null, phase: '4.2', percent: 100, dryRun: true, pollSeconds: 2 }, alarms: [] },
      { db: database.db, thresholds: { minUploadsPerDay: 0 }, alarmNames: [], now: () => now },
    );
    expect(phases[1]).toMatchObject({ id: '4.2', state: 'next', gates: { at: now.toISOString() } });
    expect(phases[1]?.gates?.gates).toEqual(judged.gates);
    const shut = phases[1]?.gates?.gates.filter(({ passed }) => !passed).map(({ name, value }) => [name, value]);
    expect(shut).toEqual([
      ['verification-age-hours', expect.closeTo(72, 0)],
      ['previous-phase-days', expect.closeTo(3, 1)],
    ]);
  });

  it('has of a phase that is on the gates its last completed rollout found', async () => {
    await recorded('first', '4.1', completed);
    const { phases, current } = await read({ flags: openedTo({ '4.1': 100 }), notice: { notice: NOTICES.evolution } });
    expect(current).toBe('4.1');
    expect(phases[0]).toMatchObject({ state: 'on', percent: 100, gates: { gates: sampleGates() } });
    expect(phases[2]).toMatchObject({ state: 'later', gates: null });
  });

  it('has a phase that some people have as the next one, and the notice that users read', async () => {
    const { phases, flags, notice } = await read({
      flags: openedTo({ '4.1': 100, '4.2': 10 }, ['minji']),
      notice: { notice: NOTICES.evolution },
    });
    expect(phases[1]).toMatchObject({ state: 'next', percent: 10 });
    expect(flags.find(({ flag }) => flag === 'ENABLE_CHANNELS')).toMatchObject({
      phase: '4.2',
      enabled: true,
      exposure: { percent: 10, testers: ['minji'] },
    });
    expect(notice).toEqual(NOTICES.evolution);
  });

  it('has the rollout at work and its deployment, and the latest 20 of the others, newest first', async () => {
    for (let index = 0; index < 25; index += 1) {
      await recordRefusal(database.db, {
        executionArn: `${EXECUTION}:refused-${String(index).padStart(2, '0')}`,
        phase: '4.2',
        percent: 100,
        reason: `SkippedPhaseError: ${'x'.repeat(5_000)}`,
      });
    }
    await recorded('at-work', '4.1');
    appConfig.on(ListDeploymentsCommand).resolves({
      Items: [
        {
          DeploymentNumber: 5,
          ConfigurationName: 'feature-flags',
          State: 'BAKING',
          PercentageComplete: 100,
          DeploymentDurationInMinutes: 30,
          FinalBakeTimeInMinutes: 10,
          StartedAt: new Date('2026-11-23T03:00:00Z'),
        },
        { DeploymentNumber: 4, ConfigurationName: 'notices', State: 'COMPLETE' },
      ],
    });
    const status = await read();
    expect(status.running).toMatchObject({ execution: 'at-work', phase: '4.1', status: 'running', finishedAt: null });
    expect(status.deployment).toEqual({
      number: 5,
      profile: 'feature-flags',
      state: 'BAKING',
      percentComplete: 100,
      deploymentMinutes: 30,
      bakeMinutes: 10,
      startedAt: '2026-11-23T03:00:00.000Z',
    });
    expect(status.history.map(({ execution }) => execution)).toEqual([
      'at-work',
      ...Array.from({ length: 19 }, (_, index) => `refused-${String(24 - index).padStart(2, '0')}`),
    ]);
    expect(JSON.stringify(status).length).toBeLessThan(64 * 1024);
  });

  it('asks the database twice, however many rollouts there were', async () => {
    await recorded('first', '4.1', completed);
    const query = vi.spyOn(database.db, 'query');
    await read({ flags: openedTo({ '4.1': 100 }) });
    expect(query).toHaveBeenCalledTimes(2);
    query.mockRestore();
  });

  it('says by name that the deployed flags are no document of ours, and shows the rest', async () => {
    await recorded('first', '4.1', completed);
    const status = await read({ flags: '{"version":"2"}' });
    expect(status.problem).toMatch(/^FlagsRefusedError: the flags' document is refused: .*version/);
    expect(status).toMatchObject({ flags: [], current: null, history: [{ execution: 'first' }] });
    expect(status.phases.map(({ state }) => state)).toEqual(['later', 'later', 'later', 'later']);
  });
});

describe('starting a rollout', () => {
  const start = (input: object, isRunning = true) =>
    startRollout(StartRolloutInput.parse(input), {
      db: database.db,
      sfn: sfn as unknown as SFNClient,
      stateMachineArn: MACHINE,
      isRunning: async () => isRunning,
      now: () => NOW,
    });
  const sent = () => sfn.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => input);

  it('hands the request to the machine, under the name of the minute', async () => {
    sfn.on(StartExecutionCommand).resolves({});
    expect(await start({ phase: '4.2', percent: 10, testers: ['minji'], dryRun: false })).toEqual({
      execution: 'rollout-4.2-10-20261123T0304',
    });
    expect(sent()).toEqual([
      {
        stateMachineArn: MACHINE,
        name: 'rollout-4.2-10-20261123T0304',
        input: '{"phase":"4.2","percent":10,"testers":["minji"],"dryRun":false}',
      },
    ]);
  });

  it('is refused by name while one is at work; its dry run is not', async () => {
    sfn.on(StartExecutionCommand).resolves({});
    await recorded('at-work', '4.1');
    await expect(start({ phase: '4.1', percent: 100, dryRun: false })).rejects.toMatchObject({
      statusCode: 409,
      message: expect.stringMatching(/^RolloutInProgressError: the rollout of phase 4\.1 is at work/),
    });
    expect(sent()).toEqual([]);
    expect(await start({ phase: '4.1', percent: 100, dryRun: true })).toEqual({ execution: 'dry-run-4.1-20261123T030405678' });
  });

  it('takes over from one whose execution is gone', async () => {
    sfn.on(StartExecutionCommand).resolves({});
    await recorded('gone', '4.1');
    await start({ phase: '4.1', percent: 100, dryRun: false }, false);
    expect(sent()).toHaveLength(1);
  });

  it('is refused by name for a phase that does not exist, and says when this minute’s has ended', async () => {
    await expect(start({ phase: '9.9', percent: 100, dryRun: true })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('UnknownPhaseError: there is no phase "9.9"'),
    });
    sfn.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists({ message: 'exists', $metadata: {} }));
    await expect(start({ phase: '4.1', percent: 100, dryRun: false })).rejects.toMatchObject({
      statusCode: 409,
      message: expect.stringContaining('in the next'),
    });
  });

  it.each([
    {},
    { phase: '4.1', percent: 100 },
    { phase: '4.1', dryRun: true },
    { phase: '4.1', percent: 101, dryRun: true },
    { phase: '4.1', percent: -1, dryRun: true },
    { phase: '4.1', percent: 0.5, dryRun: true },
    { phase: '4.1', percent: 100, dryRun: true, force: true },
    { phase: '4.1', percent: 100, dryRun: true, testers: [''] },
  ])('takes no %j', (input) => {
    expect(StartRolloutInput.safeParse(input).success).toBe(false);
  });
});

describe('stopping a rollout', () => {
  const stop = (execution: string, reason?: string) =>
    stopRollout({ execution, ...(reason && { reason }) }, { db: database.db, sfn: sfn as unknown as SFNClient });

  it('stops the execution that the operator saw, with the reason', async () => {
    sfn.on(StopExecutionCommand).resolves({});
    await recorded('at-work', '4.1');
    expect(await stop('at-work', '재생 오류')).toEqual({ execution: 'at-work' });
    expect(sfn.commandCalls(StopExecutionCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { executionArn: `${EXECUTION}:at-work`, error: 'StoppedByOperator', cause: 'an operator stopped it: 재생 오류' },
    ]);
  });

  it('is refused when none is at work, when another is, and when its execution is gone', async () => {
    await expect(stop('any')).rejects.toMatchObject({ statusCode: 409, message: expect.stringContaining('no rollout is at work') });
    await recorded('at-work', '4.1');
    await expect(stop('before')).rejects.toMatchObject({ statusCode: 409, message: expect.stringContaining('another rollout') });
    expect(sfn.calls()).toHaveLength(0);
    sfn.on(StopExecutionCommand).rejects(new ExecutionDoesNotExist({ message: 'no', $metadata: {} }));
    await expect(stop('at-work')).rejects.toMatchObject({ statusCode: 409, message: expect.stringContaining('takes over') });
  });
});

describe('an execution of the rollout', () => {
  const readExecution = (name: string) => readRolloutExecution({ name }, { sfn: sfn as unknown as SFNClient, stateMachineArn: MACHINE });
  const described = (found: object) => sfn.on(DescribeExecutionCommand).resolves(found);

  it('that is a dry run has its report', async () => {
    const report = { outcome: 'dry run', phase: '4.2', percent: 100, passed: true, gates: [], changes: [], refusal: null, notice: null };
    described({ status: 'SUCCEEDED', output: JSON.stringify(report) });
    expect(await readExecution('dry-run')).toEqual({ execution: 'dry-run', status: 'succeeded', report, error: null });
    expect(sfn.commandCalls(DescribeExecutionCommand)[0]?.args[0].input).toEqual({ executionArn: `${EXECUTION}:dry-run` });
  });

  it('that is at work has nothing yet, and one that opened a phase has no report', async () => {
    described({ status: 'RUNNING' });
    expect(await readExecution('e')).toEqual({ execution: 'e', status: 'running', report: null, error: null });
    described({ status: 'SUCCEEDED', output: '{"outcome":"completed"}' });
    expect(await readExecution('e')).toEqual({ execution: 'e', status: 'succeeded', report: null, error: null });
  });

  it('that failed, timed out or was stopped says why, by name', async () => {
    described({ status: 'FAILED', error: 'SkippedPhaseError', cause: '{"errorMessage":"Roll out 4.1 first"}' });
    expect(await readExecution('e')).toMatchObject({
      status: 'failed',
      error: { name: 'SkippedPhaseError', cause: 'Roll out 4.1 first' },
    });
    described({ status: 'TIMED_OUT' });
    expect(await readExecution('e')).toMatchObject({ status: 'failed', error: { name: 'TIMED_OUT' } });
    described({ status: 'ABORTED', error: 'StoppedByOperator', cause: 'an operator stopped it' });
    expect(await readExecution('e')).toMatchObject({ status: 'stopped', error: { name: 'StoppedByOperator' } });
  });

  it('that does not exist is a 404', async () => {
    sfn.on(DescribeExecutionCommand).rejects(new ExecutionDoesNotExist({ message: 'no', $metadata: {} }));
    await expect(readExecution('e')).rejects.toMatchObject({ statusCode: 404 });
  });
});
