import type { ExecuteStatementCommandInput } from '@aws-sdk/client-rds-data';
import { RollbackTransactionCommand } from '@aws-sdk/client-rds-data';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Command, Send } from './world.ts';

/** What may go wrong with a call. Source: faults-and-security.md, section 2. */
export const FAULTS = [
  'lost request',
  'lost answer',
  'lost answer, sent again',
  'resuming',
  'server error',
  'statement timeout',
  'transaction gone',
  'killed before',
  'killed after',
  'frozen, retried',
  'frozen, taken over',
  'stalled',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What a caller sees of a worker that was killed. */
export class KilledError extends Error {
  override readonly name = 'KilledError';
}

/** One invocation of a Lambda: its calls go through the scheduler, and it may be killed or frozen at any of them. */
export class Invocation {
  readonly id: string;
  /** The state that asks for it, or what else does. */
  readonly state: string;
  readonly execution: string | undefined;
  #killed = false;
  /** Rejects when Step Functions gives up on the invocation, which may be at work still. */
  readonly abandoned: Promise<never>;
  abandon!: (error: Error) => void;
  /** Invokes the same again, side by side. */
  repeat: (() => void) | undefined;
  /** Faults that answer the next calls too. */
  burst: { fault: Fault; left: number } | undefined;

  constructor(id: string, state: string, execution?: string) {
    this.id = id;
    this.state = state;
    this.execution = execution;
    this.abandoned = new Promise<never>((_resolve, reject) => {
      this.abandon = reject;
    });
    this.abandoned.catch(() => {});
  }

  kill(): KilledError {
    this.#killed = true;
    return new KilledError('the worker was killed');
  }

  get killed(): boolean {
    return this.#killed;
  }
}

/** A call of a worker, as the chaos sees it before it is made. */
export interface WorkerCall {
  readonly invocation: Invocation;
  readonly command: Command;
  fault?: Fault | undefined;
}

export function sqlOf(command: Command): string | undefined {
  return (command.input as Partial<ExecuteStatementCommandInput>).sql;
}

function transactionOf(command: Command): string | undefined {
  return (command.input as Partial<ExecuteStatementCommandInput>).transactionId;
}

/** Makes the call with the fault that strikes it. */
export async function struck({ command, fault, invocation }: WorkerCall, send: Send, random: Random): Promise<unknown> {
  switch (fault) {
    case 'lost request':
      throw lost('the request was lost');
    case 'lost answer':
      await send(command).catch(() => {});
      throw lost('the answer was lost');
    case 'lost answer, sent again':
      await send(command).catch(() => {}); // the SDK repeats by itself
      return send(command);
    case 'resuming':
      throw Object.assign(new Error('The Aurora DB instance is resuming after being auto-paused.'), { name: 'DatabaseResumingException' });
    case 'server error': {
      const done = random.chance(0.5);
      if (done) await send(command).catch(() => {}); // a 5xx does not say whether the statement ran
      throw Object.assign(new Error('server error'), {
        name: random.pick(['DatabaseUnavailableException', 'ServiceUnavailableError', 'InternalServerErrorException']),
      });
    }
    case 'statement timeout':
      await rollBack(command, send);
      throw timeout();
    case 'transaction gone':
      await rollBack(command, send);
      return send(command);
    case 'killed before':
      throw invocation.kill();
    case 'killed after':
      await send(command).catch(() => {});
      throw invocation.kill();
    default:
      return send(command);
  }
}

/** Whether the fault can strike this call. */
export function applies(fault: Fault, command: Command): boolean {
  const sql = sqlOf(command);
  if (fault === 'statement timeout') return sql !== undefined;
  if (fault === 'transaction gone') return transactionOf(command) !== undefined;
  if (fault === 'stalled') return stallOf(command, ([key = '']) => key) !== undefined;
  if (fault === 'resuming') return !/Commit|Rollback/.test(command.constructor.name);
  return true;
}

/** Where a statement is held up: `lock` is the statement that takes what it will ask for, `key` the legacy key that this concerns, if any. */
export interface Stall {
  readonly lock: string;
  readonly key?: string;
}

/**
 * A statement that is slow after its snapshot was taken: others commit while it is at work. Made by holding a lock that it will ask for once it
 * has begun.
 */
export function stallOf(command: Command, pick: (keys: readonly string[]) => string): Stall | undefined {
  const sql = sqlOf(command) ?? '';
  const [, kind, entity] = /^-- (copy|set aside|apply) (\w+)/.exec(sql) ?? [];
  if (kind === undefined || entity === undefined) return undefined;
  if (kind !== 'apply') return { lock: `select from video_platform.migration_cursor where entity_type = '${entity}' for update` };
  const [, table] = /insert into video_platform\.(\w+) as t/.exec(sql) ?? [];
  const { parameters = [] } = command.input as ExecuteStatementCommandInput;
  const keys = parameters.find(({ name }) => name === 'keys')?.value?.stringValue;
  if (table === undefined || keys === undefined || !/^\["[\w", ]*"\]$/.test(keys)) return undefined;
  const key = pick(JSON.parse(keys) as readonly string[]);
  // The rows of videos are locked before they are applied (compileKnown): those of the ledger are not.
  if (entity === 'video')
    return { key, lock: `select from video_platform.migration_status where entity_type = 'video' and legacy_id = '${key}' for update` };
  return { key, lock: `select from video_platform.${table} where ${table === 'channels' ? 'user_id' : 'id'} = '${key}' for update` };
}

/** Sums are taken by a function: a select that waits for a lock, writes and lets go. */
const SUM_UP = /^select video_platform\.sum_up_/;

/** How much there is to break by a fault, about 1 on average: most where rows or changes move in one statement, little where a call looks or prepares. */
export function weightOf(command: Command, focus: RegExp | undefined): number {
  const sql = sqlOf(command);
  if (focus !== undefined) return focus.test(sql ?? '') ? 10 : 0.2;
  if (/^-- (copy|set aside|apply|queue) /.test(sql ?? '')) return 5;
  if (SUM_UP.test(sql ?? '')) return 2;
  if (sql === undefined) return command.constructor.name === 'CommitTransactionCommand' ? 2 : 0.5;
  return /^-- (oldest|retry|wake) |^delete from video_platform\.change_queue|^with keys as/.test(sql) ? 1.5 : 0.5;
}

/** What a schedule's faults strike most, so that they meet in one place: nothing special, the copy, or what brings changes over. */
export const FOCUSES: readonly (RegExp | undefined)[] = [
  undefined,
  /^-- (copy|set aside) /,
  /^-- (apply|oldest|queue) |^delete from video_platform\.change_queue/,
];

/** A statement in a transaction that stays open, or one that only looks. */
function keepsLocks(command: Command): boolean {
  const sql = sqlOf(command);
  return sql !== undefined && (transactionOf(command) !== undefined || (sql.startsWith('select ') && !SUM_UP.test(sql)));
}

async function rollBack(command: Command, send: Send): Promise<void> {
  const { resourceArn, secretArn } = command.input as ExecuteStatementCommandInput;
  const transactionId = transactionOf(command);
  if (transactionId !== undefined) await send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId })).catch(() => {});
}

function lost(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError', code: 'ECONNRESET' });
}

export function timeout(): Error {
  return Object.assign(new Error('The statement did not complete within 45 seconds and was timed out.'), {
    name: 'StatementTimeoutException',
  });
}

/** A client's `send` whose calls are made when the scheduler says so. */
export function scheduled(invocation: Invocation, scheduler: Scheduler, perform: (call: WorkerCall) => Promise<unknown>): Send {
  let calls = 0;
  return async (command) => {
    if (invocation.killed) throw invocation.kill();
    calls += 1;
    const call: WorkerCall = { invocation, command };
    const label = `#${calls} ${(sqlOf(command) ?? command.constructor.name).trimStart().slice(0, 40).replaceAll('\n', ' ')}`;
    return scheduler.submit(invocation.id, label, () => perform(call), call, keepsLocks(command));
  };
}
