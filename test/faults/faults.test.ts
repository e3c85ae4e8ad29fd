import { BeginTransactionCommand, ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { expect, it } from 'vitest';
import { sumUpFunction } from '../../lambdas/migration/compile/sums.ts';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import { Invocation, scheduled } from './faults.ts';
import type { Scheduler } from './scheduler.ts';
import type { Command } from './world.ts';

const target = { resourceArn: 'arn', secretArn: 'arn' };
const statement = (sql: string, transactionId?: string) =>
  new ExecuteStatementCommand({ ...target, sql, ...(transactionId && { transactionId }) });

it.each<[string, boolean, Command]>([
  ['a look', true, statement('select 1')],
  ['a write in a transaction', true, statement('update t set a = 1', 'tx')],
  ['a write by itself', false, statement('update t set a = 1')],
  ['taking sums', false, statement(`select ${sumUpFunction(entityNamed('video'))}(:after, :limit) as next_key`)],
  ['the beginning of a transaction', false, new BeginTransactionCommand(target)],
])('%s keeps what others may wait for: %s', async (_what, keepsLocks, command) => {
  const told: unknown[] = [];
  const scheduler = { submit: async (...args: unknown[]) => void told.push(args[4]) } as unknown as Scheduler;
  await scheduled(new Invocation('1', 'Copy entity'), scheduler, async () => undefined)(command);
  expect(told).toEqual([keepsLocks]);
});
