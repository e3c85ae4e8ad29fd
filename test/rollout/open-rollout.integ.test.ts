import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExecutionNotKnownYetError } from '../../lambdas/execution-status.ts';
import { beginRollout, type OpenRolloutDependencies } from '../../lambdas/rollout/open-rollout.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';

let database: MigrationDatabase;
beforeAll(async () => {
  database = await createMigrationDatabase();
});
afterAll(() => database?.close());

const arn = (name: string) => `arn:aws:states:ap-northeast-2:000000000000:execution:videopick-dev-rollout:${name}`;

it('leaves a rollout alone that has just begun and is not known yet, and asks again', async () => {
  await database.query(`insert into video_platform.rollout_history (execution_arn, phase) values ($1, '4.1')`, [arn('young')]);
  const asked: [string, number | undefined][] = [];
  const isRunning = async (executionArn: string, heldSeconds?: number) => {
    asked.push([executionArn, heldSeconds]);
    throw new ExecutionNotKnownYetError(executionArn, heldSeconds ?? 0);
  };
  // Nothing else is asked before it is known who is at work.
  const dependencies = { db: database.db, isRunning, pollSeconds: 1 } as unknown as OpenRolloutDependencies;
  const request = { phase: '4.1', percent: 100, testers: [], dryRun: false };
  await expect(beginRollout({ executionArn: arn('next'), request }, dependencies)).rejects.toThrow(ExecutionNotKnownYetError);
  expect(asked).toEqual([[arn('young'), expect.toSatisfy((age) => age >= 0 && age < 60)]]);
  expect(await database.query('select execution_arn, status from video_platform.rollout_history')).toEqual([
    { execution_arn: arn('young'), status: 'running' },
  ]);
});

it('asks again for longer than that can last', () => {
  const machine = JSON.parse(readFileSync(new URL('../../statemachines/rollout.asl.json', import.meta.url), 'utf8'));
  const opening = Object.values<{ Parameters?: { FunctionName?: string }; Retry?: Record<string, never>[] }>(machine.States).find(
    ({ Parameters }) => Parameters?.FunctionName?.includes('OpenRollout'),
  );
  const retrier = opening?.Retry?.find(({ ErrorEquals = [] as readonly string[] }) => ErrorEquals.includes('ExecutionNotKnownYetError'));
  expect(Number(retrier?.IntervalSeconds) * Number(retrier?.MaxAttempts)).toBeGreaterThan(120);
});
