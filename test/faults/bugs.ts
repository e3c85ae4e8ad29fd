import type { ExecuteStatementCommandInput } from '@aws-sdk/client-rds-data';
import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { DROP_CHANGES } from '../../lambdas/migration/compile/apply.ts';
import { sqlOf } from './faults.ts';
import type { Command, Send } from './world.ts';

/** A mistake made on purpose: the checks must find it within the seeds, or they would not find it in earnest either. */
export interface Bug {
  readonly name: string;
  /** A seed that has found it before: tried first. Every other is tried after it. */
  readonly knownBy?: number;
  /** SQL done to the database beforehand. */
  readonly install?: string;
  /** The text of a statement, with the mistake in it; unchanged where it has none. */
  readonly transform?: (sql: string) => string;
  /** Takes the place of the client. */
  readonly wrap?: (send: Send) => Send;
}

export const BUGS: readonly Bug[] = [
  {
    name: 'the batch key is skipped',
    knownBy: 72,
    transform: edit(
      /^-- copy /,
      /(insert into video_platform\.migration_batch[\s\S]*?from outcome, lease)/,
      '$1 on conflict (batch_key) do nothing',
    ),
  },
  {
    name: 'a table is not captured when rows change',
    knownBy: 2,
    install: `create or replace function video_platform.videopick_capture_campaigns_update() returns trigger language plpgsql as $$ begin return null; end $$`,
  },
  {
    name: 'capture forgets the key that a row had before',
    knownBy: 11,
    install: `create or replace function video_platform.videopick_capture_profiles_update() returns trigger language plpgsql as $$ begin
      insert into video_platform.change_log (source, legacy_key) select 'profiles.user_id', new.user_id where new.user_id is not null;
      return null; end $$`,
    // The next run would find the request that nobody makes any more.
    transform: edit(
      /\basked_otherwise as \(/,
      /where legacy_id not in \(\s*select q\.legacy_id/,
      'where false and legacy_id not in (select q.legacy_id',
    ),
  },
  {
    name: 'the cursor moves outside the transaction',
    wrap: cursorApart,
  },
  {
    name: 'no lease is checked',
    knownBy: 27,
    transform: edit(/^-- copy /, / and r\.status = 'running'/, ''),
  },
  {
    name: 'two runs at once',
    knownBy: 8,
    install: 'drop index video_platform.migration_run_one_running_idx',
  },
  {
    name: 'the quota is not checked as a batch commits',
    knownBy: 263,
    install: `do $$
      declare
        checked text := pg_get_functiondef('video_platform.count_batch'::regproc);
        unchecked text := replace(checked, ' and q.completed + copied <= q.daily_limit', '');
      begin
        if unchecked = checked then raise 'the planted bug no longer fits count_batch'; end if;
        execute unchecked;
      end $$`,
  },
  {
    name: 'the copy does not ask the ledger',
    knownBy: 3,
    transform: edit(
      /^-- copy /,
      /(\(select s\.status from video_platform\.migration_status s where s\.entity_type = '\w+' and s\.legacy_id = l\.id)\) is null/,
      '$1 and false) is null',
    ),
  },
  {
    name: 'changes of unknown rows are dropped at once',
    knownBy: 27,
    transform: edit(/^-- oldest changes of \w+\n/, /\(select age\(c\.xid\) > age from settled\)/, 'true'),
  },
  {
    name: 'changes leave the queue in a transaction of their own',
    knownBy: 10,
    wrap: droppedApart,
  },
  {
    name: 'a change to a row that is there is not applied',
    transform: edit(/^-- apply /, /on conflict \((\w+)\) do update set[\s\S]*?\n {2}returning/, 'on conflict ($1) do nothing\n  returning'),
  },
  {
    name: 'a deleted row is not removed',
    transform: edit(/^-- apply /, /where t\.(\w+) = known\.legacy_id and t\.origin = 'legacy'\n/, 'where false\n'),
  },
  {
    name: 'the ledger keeps what was removed',
    transform: edit(/^-- apply /, /(delete from video_platform\.migration_status s using known\n\s*where)/, '$1 false and'),
  },
  {
    name: 'a row that the database refuses is skipped without a word',
    knownBy: 6,
    transform: edit(
      /^-- set aside /,
      /select legacy_id, :reason::jsonb as reason from keys/,
      'select legacy_id, :reason::jsonb as reason from keys where false',
    ),
  },
  {
    name: 'a handle that is given up is not passed on',
    knownBy: 55,
    transform: edit(/\n {2}select first_two\.legacy_id/, /limit 2\n {2}\) first_two/, 'limit 0\n  ) first_two'),
  },
  {
    name: 'what is taken off the log is not queued',
    transform: edit(/^-- queue changes/, /on s\.source = m\.source\n/, 'on s.source = m.source and false\n'),
  },
  {
    name: 'the log is emptied when catch-up is done, not as it is read',
    knownBy: 38,
    wrap: emptiedLater,
  },
  {
    name: 'one of the entities that read a table is not told of its changes',
    knownBy: 28,
    transform: edit(/^-- queue changes/, /, \('video_analytics', 'campaigns\.id'\)/, ''),
  },
  {
    name: 'what was refused for want of a row that has come is neither woken nor tried again',
    transform: all(
      edit(/^-- wake /, /where s\.entity_type/, 'where false and s.entity_type'),
      edit(/^-- retry /, /s\.status = 'failed' and s\.run_id <> lease\.id/, 'false'),
    ),
  },
  {
    name: 'applying vouches for rows it has not compared, and keeps a value',
    knownBy: 2,
    transform: all(
      edit(/^-- apply user:/, /null::xid as source_version/, 'source_version'),
      edit(/^-- apply user:/, /updated_at = excluded\.updated_at/, 'updated_at = t.updated_at'),
    ),
  },
  {
    name: 'verification does not look at the version of the target row',
    knownBy: 16,
    transform: edit(/^-- verify (?!channel:)/, / and s\.version = t\.version/, ''),
  },
  {
    name: 'verification does not look at the age of the projection',
    knownBy: 6,
    transform: edit(/^-- verify user:/, /when s\.migrated_at > \(select applied_at [^)]*\) then/, 'when true then'),
  },
];

/** Empties the log when catch-up is done rather than as it reads it: what was written between is gone. */
function emptiedLater(send: Send): Send {
  return async (command: Command) => {
    const sql = sqlOf(command);
    const input = command.input as ExecuteStatementCommandInput;
    if (sql?.startsWith('select count(*)::int as changes from video_platform.pending_change')) {
      await send(new ExecuteStatementCommand({ ...input, sql: 'delete from video_platform.change_log' }));
      return send(command);
    }
    if (!sql?.startsWith('-- queue changes')) return send(command);
    const kept = sql.replace(/delete from (video_platform\.change_log c)\n\s*(where[\s\S]*?)\n\s*returning (.*)/, 'select $3 from $1 $2');
    if (kept === sql) throw new StaleBugError(sql);
    return send(new ExecuteStatementCommand({ ...input, sql: kept }));
  };
}

/** Commits that changes have left the queue before what was made of them is committed. */
function droppedApart(send: Send): Send {
  return async (command: Command) => {
    if (sqlOf(command) !== DROP_CHANGES) return send(command);
    const { transactionId: _apart, ...input } = command.input as ExecuteStatementCommandInput;
    return send(new ExecuteStatementCommand(input));
  };
}

/** Replaces `from` in the statements that `of` matches. A pattern that no longer fits the compiled SQL is an error, not a survivor. */
function edit(of: RegExp, from: RegExp, to: string): (sql: string) => string {
  return (sql) => {
    if (!of.test(sql)) return sql;
    const edited = sql.replace(from, to);
    if (edited === sql) throw new StaleBugError(sql);
    return edited;
  };
}

/** Several edits of one mistake. */
function all(...edits: readonly ((sql: string) => string)[]): (sql: string) => string {
  return (sql) => edits.reduce((edited, edit) => edit(edited), sql);
}

export class StaleBugError extends Error {
  override readonly name = 'StaleBugError';
  constructor(sql: string) {
    super(`the planted bug no longer fits the compiled SQL: adapt test/faults/bugs.ts to\n${sql.slice(0, 2_000)}`);
  }
}

/** Moves the cursor in a call of its own, before the batch. */
function cursorApart(send: Send): Send {
  return async (command: Command) => {
    const sql = sqlOf(command);
    const [, entity] = /^-- copy (\w+)/.exec(sql ?? '') ?? [];
    if (sql === undefined || entity !== 'user') return send(command);
    const input = command.input as ExecuteStatementCommandInput;
    const of = (name: string) => input.parameters?.find((parameter) => parameter.name === name);
    const parameters = ['run', 'limit'].flatMap((name) => of(name) ?? []);
    await send(
      new ExecuteStatementCommand({
        ...input,
        sql: `update video_platform.migration_cursor c set last_key = next.last_key
          from (select max(id) as last_key from (select id from public.users
            where id > (select last_key from video_platform.migration_cursor where entity_type = 'user' and range_no = 0)
              and not exists (select from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = users.id)
            order by id limit :limit::int) keys) next
          where c.entity_type = 'user' and c.range_no = 0 and next.last_key is not null
            and exists (select from video_platform.migration_run r where r.id = :run::uuid and r.status = 'running')`,
        parameters,
      }),
    );
    return send(command);
  };
}
