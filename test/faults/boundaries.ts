import type { Violation } from './check.ts';
import { checkAtRest } from './check.ts';
import { startCluster } from './cluster.ts';
import { Random } from './random.ts';
import { stepsOf } from './steps.ts';
import { type Send, World } from './world.ts';

const LEGACY = `
insert into public.users (id, email, name, type) values
  ('u1', 'user1@example.com', '민수', 'INFLUENCER'), ('u2', 'user2@example.com', '여행', 'BUSINESS'),
  ('u3', 'taken@example.com', '선점', 'ADMIN'), ('u4', 'user4@example.com', '?', 'GUEST');
insert into video_platform.users (id, email, name, user_type, origin) values ('born', 'taken@example.com', '선점', 'CREATOR', 'videopick')`;

const MAX_STARTS = 3;

class Killed extends Error {}

/**
 * Kills the worker at every Data API call of open → copy one batch → close, before it and after it, and starts it again: must come to the same end
 * within three starts. Answers whether it did at all boundaries.
 */
export async function everyBoundary(say: (line: string) => void): Promise<boolean> {
  const cluster = await startCluster();
  await World.createTemplate(cluster);
  const world = await World.open(cluster, 'boundaries');
  let calls = 0;
  let boundaries = 0;
  let failures = 0;
  try {
    await prepare(world);
    const all = counting(world, Number.POSITIVE_INFINITY, 'before');
    await play(world, all.send);
    calls = all.calls();
    const expected = await outcome(world);
    for (let at = 0; at < calls; at++) {
      for (const kill of ['before', 'after'] as const) {
        boundaries += 1;
        await prepare(world);
        const done = await startUntilDone(world, at, kill);
        const found = await outcome(world);
        const violations = await auditOf(world);
        if (done && found === expected && violations.length === 0) continue;
        failures += 1;
        const what = done ? `expected ${expected}, found ${found}` : `not done after ${MAX_STARTS} starts`;
        say(`BROKEN killed ${kill} call ${at}: ${violations[0]?.rule ?? what}`);
      }
    }
  } finally {
    await world.close();
    await cluster.close();
  }
  say(`killed at ${boundaries} boundaries of one batch (${calls} calls), ${failures} not recovered`);
  return failures === 0;
}

async function prepare(world: World): Promise<void> {
  await world.reset();
  await world.observer.query(LEGACY);
  await world.observer.query('delete from video_platform.change_log; delete from video_platform.change_queue');
}

function counting(world: World, at: number, kill: 'before' | 'after'): { readonly send: Send; calls(): number } {
  let calls = 0;
  let killed = false;
  const send: Send = async (command) => {
    const call = calls++;
    if (killed || (call === at && kill === 'before')) {
      killed = true;
      throw new Killed('killed');
    }
    const answer = world.send(command);
    if (call !== at) return answer;
    await answer.catch(() => {});
    killed = true;
    throw new Killed('killed');
  };
  return { send, calls: () => calls };
}

/** The first start is killed; those after it are not. Each is a new execution, as after a takeover. Answers whether one came to its end. */
async function startUntilDone(world: World, at: number, kill: 'before' | 'after'): Promise<boolean> {
  for (let start = 1; start <= MAX_STARTS; start++) {
    try {
      await play(world, start === 1 ? counting(world, at, kill).send : world.send, start);
      return true;
    } catch {
      await world.pass(400_000); // what the killed worker left open ends
    }
  }
  return false;
}

/** Open, one batch of all users, close. */
async function play(world: World, send: Send, start = 1): Promise<void> {
  const arn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:start-${start}`;
  const steps = stepsOf(world.dataApi(send), { batchRows: 10, dailyLimit: 10, chunkRows: 100 }, new Random(start));
  const opened = await steps.OpenRun({ executionArn: arn, request: { runDate: '2026-11-23', dailyLimit: 10 } });
  if (opened.continue) await steps.CopyEntity({ ...opened, entities: ['user'] });
  await steps.CloseRun({ executionArn: arn });
}

/** What the batch came to: rows, ledger, mapping, quota and where the cursor stands. */
async function outcome(world: World): Promise<string> {
  const [row] = await world.rows<{ found: string }>(`select jsonb_build_object(
    'rows', (select jsonb_agg(t.id order by t.id) from video_platform.users t),
    'ledger', (select jsonb_agg(s.legacy_id || s.status order by s.legacy_id) from video_platform.migration_status s where entity_type = 'user'),
    'mapping', (select count(*) from video_platform.entity_mapping), 'quota', (select sum(completed) from video_platform.migration_quota),
    'counted', (select sum(completed) from video_platform.migration_run_entity),
    'running', (select count(*) from video_platform.migration_run where status = 'running'))::text as found`);
  return row?.found ?? '';
}

async function auditOf(world: World): Promise<readonly Violation[]> {
  const violations = await checkAtRest(world);
  // Only users are copied here: what the others promise is not looked at.
  return violations.filter(({ rule, detail }) => /^user /.test(detail) || rule.startsWith('a batch') || rule.startsWith('batches'));
}
