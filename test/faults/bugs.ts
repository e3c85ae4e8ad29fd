import type { ExecuteStatementCommandInput } from '@aws-sdk/client-rds-data';
import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { sqlOf } from './faults.ts';
import type { Command, Send } from './world.ts';

/** A mistake made on purpose: the checks must find it within the seeds, or they would not find it in earnest either. */
export interface Bug {
  readonly name: string;
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
    transform: edit(
      /^-- copy /,
      /(insert into video_platform\.migration_batch[\s\S]*?from outcome, lease)/,
      '$1 on conflict (batch_key) do nothing',
    ),
  },
  {
    name: 'a table is not captured when rows change',
    install: `create or replace function video_platform.videopick_capture_campaigns_update() returns trigger language plpgsql as $$ begin return null; end $$`,
  },
  {
    name: 'capture forgets the key that a row had before',
    install: `create or replace function video_platform.videopick_capture_profiles_update() returns trigger language plpgsql security definer as $$
      begin insert into video_platform.change_log (entity_type, legacy_id) select 'channel', user_id from new_rows; return null; end $$`,
  },
  {
    name: 'the cursor moves outside the transaction',
    wrap: cursorApart,
  },
  {
    name: 'no lease is checked',
    transform: edit(/^-- copy /, / and r\.status = 'running'/, ''),
  },
  {
    name: 'two runs at once',
    install: 'drop index video_platform.migration_run_one_running_idx',
  },
  {
    name: 'the quota is not checked in the statement',
    transform: edit(/^-- copy /, / and q\.completed \+ outcome\.completed <= q\.daily_limit/, ''),
  },
  {
    name: 'the copy does not ask the ledger',
    transform: edit(
      /^-- copy /,
      /(not exists \(\s*select from video_platform\.migration_status s where s\.entity_type = '\w+' and s\.legacy_id = l\.id)/,
      '$1 and false',
    ),
  },
  {
    name: 'changes are applied without the lock',
    transform: edit(
      /pg_advisory_xact_lock\(hashtextextended\('videopick\.apply', 0\)\)::text/,
      /pg_advisory_xact_lock\(hashtextextended\('videopick\.apply', 0\)\)::text/,
      `''`,
    ),
  },
  {
    name: 'changes of unknown rows are dropped at once',
    transform: edit(/^-- take changes /, /age\(c\.xid\) > \(select age from oldest_snapshot\)/, 'true'),
  },
  {
    name: 'changes are taken outside the transaction that applies them',
    wrap: (send) => (command) => {
      const input = command.input as ExecuteStatementCommandInput;
      if (!input.sql?.startsWith('-- take changes')) return send(command);
      const { transactionId: _transaction, ...alone } = input;
      return send(new ExecuteStatementCommand(alone));
    },
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
    name: 'the mapping of a removed row stays',
    transform: edit(/^-- apply /, /where m\.entity_type = '\w+' and m\.legacy_id = known\.legacy_id\n/, 'where false\n'),
  },
  {
    name: 'a row that the database refuses is skipped without a word',
    transform: edit(
      /^-- set aside /,
      /select legacy_id, :reason::jsonb as reason from keys/,
      'select legacy_id, :reason::jsonb as reason from keys where false',
    ),
  },
  {
    name: 'a handle that is given up is not passed on',
    transform: edit(/select first_two\.legacy_id/, /limit 2\n\) first_two/, 'limit 0\n) first_two'),
  },
];

/** Replaces `from` in the statements that `of` matches. A pattern that no longer fits the compiled SQL is an error, not a survivor. */
function edit(of: RegExp, from: RegExp, to: string): (sql: string) => string {
  return (sql) => {
    if (!of.test(sql)) return sql;
    const edited = sql.replace(from, to);
    if (edited === sql) throw new StaleBugError(sql);
    return edited;
  };
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
