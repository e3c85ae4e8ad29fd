import { setTimeout as delay } from 'node:timers/promises';
import type { ExecuteStatementCommandInput } from '@aws-sdk/client-rds-data';
import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import pg from 'pg';
import { sqlStateOf } from '../../lambdas/data-api/data-api.ts';
import type { CopyEntityOutput } from '../../lambdas/migration/copy-entity.ts';
import type { OpenRunOutput } from '../../lambdas/migration/open-run.ts';
import type { DailySteps } from '../support/daily-steps.ts';
import { ExecutionDiedError, type StateName } from '../support/daily-walk.ts';
import { type Bug, StaleBugError } from './bugs.ts';
import { checkAtRest, checkPassedBy, checkRerun, contentOf, type Violation } from './check.ts';
import { type Cloud, execute, invoke } from './execution.ts';
import {
  applies,
  FAULTS,
  type Fault,
  FOCUSES,
  Invocation,
  scheduled,
  sqlOf,
  stallOf,
  struck,
  timeout,
  type WorkerCall,
  weightOf,
} from './faults.ts';
import { BORN_ON_VIDEOPICK, Legacy, TOUCHES, writeLegacy } from './legacy.ts';
import { probeDeploy, probeTampering } from './probes.ts';
import { Random } from './random.ts';
import { type Call, Scheduler, StoppedError } from './scheduler.ts';
import { type Setup, stepsOf } from './steps.ts';
import { strikes } from './tally.ts';
import type { Command, Send, World } from './world.ts';

export interface SeedResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Faults that struck and other events, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** Milliseconds by the wall clock, by phase. */
  readonly phases: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
}

/** How an invocation may end without a promise being broken. */
const EXPECTED = [
  'KilledError',
  'TimeoutError',
  'StatementTimeoutException',
  'TransactionNotFoundException',
  'DatabaseUnavailableException',
  'ServiceUnavailableError',
  'InternalServerErrorException',
  'DatabaseResumingException',
  'RunInProgressError',
  'RunClosedError',
  'LeaseLostError',
  'ExecutionDiedError',
];

/** Where a run comes to its end. */
const ENDS: ReadonlySet<string> = new Set<StateName>(['Verify entities', 'Close run', 'Record failure']);

/** Runs one schedule, drives what it left to its end without faults, and checks every promise. */
export async function runSeed(seed: number, world: World, bug?: Bug): Promise<SeedResult> {
  const schedule = new Schedule(seed, world, bug);
  try {
    const violations = await schedule.run();
    return schedule.result(violations);
  } catch (error) {
    const where = await schedule.stop();
    if (error instanceof StaleBugError) throw error;
    const { name, message, stack } = error as Error;
    const detail = [`${name}: ${message}`, ...(stack?.split('\n').slice(1, 5) ?? []), ...where].join('\n         ');
    return schedule.result([{ rule: 'a schedule ends', detail }]);
  }
}

class Schedule implements Cloud {
  readonly #world: World;
  readonly #bug: Bug | undefined;
  readonly #setup: Setup;
  readonly #legacy: Legacy;
  readonly #chaos: Random;
  readonly #probes: Random;
  readonly #faultRate: number;
  /** Apart for how a run ends: the many calls before it would leave nothing to strike it. */
  readonly #faultsLeft: { way: number; end: number };
  /** Few kinds of fault at a time meet more often than all of them, and at the same statements. */
  readonly #faults: readonly Fault[];
  readonly #focus: RegExp | undefined;
  readonly #stalls = new Map<pg.PoolClient, { until: number }>();
  readonly #violations: Violation[] = [];
  #meanwhile = 0;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly alive = new Set<string>();
  readonly counts: Record<string, number> = {};
  readonly #phases: Record<string, number> = {};
  readonly #seed: number;

  constructor(seed: number, world: World, bug: Bug | undefined) {
    this.#seed = seed;
    this.#world = world;
    this.#bug = bug;
    const random = new Random(seed);
    this.random = random.fork('executions');
    this.#chaos = random.fork('chaos');
    this.#probes = random.fork('probes');
    const sizes = random.fork('sizes');
    this.#setup = {
      batchRows: sizes.pick([2, 2, 3, 4, 8]), // most entities have a dozen rows: more than a batch or two
      dailyLimit: sizes.pick([sizes.int(3, 8), sizes.int(6, 30)]),
      chunkRows: sizes.pick([4, 50, 5_000]),
    };
    this.#legacy = new Legacy(random.fork('legacy'), { users: sizes.int(5, 12), campaigns: sizes.int(4, 10) });
    this.#faultRate = sizes.pick([0.01, 0.02, 0.04, 0.08]);
    this.#faultsLeft = { way: sizes.int(4, 20), end: sizes.int(0, 3) };
    const swarm = random.fork('swarm');
    const some = FAULTS.filter(() => swarm.chance(0.4));
    this.#faults = some.length === 0 ? FAULTS : some;
    this.#focus = swarm.pick(FOCUSES);
    this.scheduler = new Scheduler({
      random: random.fork('order'),
      lockWaits: () => world.lockWaits(),
      timePasses: () => this.#timePasses(),
      before: (call) => this.#before(call),
      after: (step) => this.#releaseStalls(step),
    });
  }

  result(violations: readonly Violation[]): SeedResult {
    return { seed: this.#seed, violations, counts: this.counts, phases: this.#phases, trace: this.scheduler.trace };
  }

  async run(): Promise<readonly Violation[]> {
    await this.#phase('reset', () => this.#world.reset());
    await this.#phase('load', () => this.#load());
    await this.#phase('schedule', async () => {
      this.#cast();
      await this.scheduler.run();
      await this.#releaseStalls(Number.POSITIVE_INFINITY); // what was slow for a worker that is no more
    });
    await this.#phase('drive', async () => {
      this.#violations.push(...(await checkPassedBy(this.#world)));
      await this.#world.pass(400_000); // what killed workers left open ends
      await this.#driveToTheEnd();
    });
    const rerun = await this.#phase('rerun', async () => {
      const before = await contentOf(this.#world);
      const clean = await this.#runCleanly('again');
      await clean.steps.VerifyEntity({ ...clean.state, recompute: true });
      this.#violations.push(...checkRerun(before, await contentOf(this.#world)));
      return clean;
    });
    await this.#phase('check', async () => this.#violations.push(...(await checkAtRest(this.#world))));
    if (this.#violations.length > 0) return this.#violations;
    return this.#phase('probe', () => {
      const verify = () => rerun.steps.VerifyEntity({ ...rerun.state, pass: 2 });
      return this.#probes.chance(0.1) ? probeDeploy(this.#world, verify) : probeTampering(this.#world, this.#probes, verify);
    });
  }

  async #phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#phases[name] = performance.now() - startedAt;
    }
  }

  /** Ends what a schedule that failed has left, so that the next finds the database free. Answers who was at what, and who waited for whom. */
  async stop(): Promise<readonly string[]> {
    const where = [...this.scheduler.standing, ...(await this.#world.activity())];
    let stopped = false;
    const stopping = this.scheduler.stop().finally(() => {
      stopped = true;
    });
    await this.#releaseStalls(Number.POSITIVE_INFINITY);
    while (!stopped) {
      await this.#world.cancelAll();
      await Promise.race([stopping, delay(20)]);
    }
    await this.#world.pass(400_000); // transactions that nobody ended
    return where;
  }

  async #load(): Promise<void> {
    const client = await this.#world.observer.connect();
    try {
      await client.query('begin');
      for (const { sql, values } of this.#legacy.initial()) await client.query(sql, [...values]);
      await client.query(BORN_ON_VIDEOPICK);
      await client.query('commit');
      // These rows are older than the capture.
      await client.query('delete from video_platform.change_log; delete from video_platform.change_queue');
      await client.query('insert into audit.untouched (id, version) select id, xmin from public.users');
    } finally {
      client.release();
    }
  }

  /** Who takes part: the executions of some dates, one after another or two at once, catch-ups by schedule, writers, an operator. */
  #cast(): void {
    const { random, scheduler } = this;
    scheduler.spawn('daily', async () => {
      const dates = ['2026-11-23', '2026-11-24'].slice(0, random.pick([1, 1, 1, 2, 2]));
      for (const date of dates) {
        const request = { runDate: date, dailyLimit: this.#setup.dailyLimit };
        for (let attempt = 1; attempt <= 3; attempt++) {
          const name = `${date.slice(8)}-${attempt}`;
          if (attempt === 1 && random.chance(0.15)) {
            this.count('duplicate start');
            scheduler.spawn(`${name}d`, () => execute(`${name}d`, request, this).catch(() => {}));
          }
          try {
            await execute(name, request, this);
            break;
          } catch (error) {
            if (!(error instanceof ExecutionDiedError)) throw error;
            this.count('run taken over');
          }
        }
      }
    });
    if (random.chance(0.6)) {
      scheduler.spawn('catch-up', async () => {
        for (let n = random.int(1, 3); n > 0; n--) {
          await scheduler.rest('catch-up', random.int(1, 150));
          await this.#catchUp(`catch-up.${n}`);
        }
      });
    }
    for (let n = random.int(0, 3); n > 0; n--) {
      scheduler.spawn(`writer${n}`, () => writeLegacy(`writer${n}`, random.int(2, 12), this.#legacy, scheduler, this.#world));
    }
    if (random.chance(0.15)) scheduler.spawn('operator', () => this.#operate(random.pick(['pause', 'cancel'])));
  }

  /** As its schedule does; how it fails is on record. */
  async #catchUp(id: string): Promise<void> {
    await invoke(new Invocation(id, 'catch-up'), (steps) => steps.CatchUp({}), this).catch(() => {});
  }

  async #operate(request: string): Promise<void> {
    const ask = (wanted: string) =>
      this.scheduler.submit('operator', wanted, () =>
        this.#world.rows(`update video_platform.migration_control set request = $1, since = now()`, [wanted]),
      );
    await this.scheduler.rest('operator', this.random.int(20, 250));
    this.count(`operator asks to ${request}`);
    await ask(request);
    await this.scheduler.rest('operator', this.random.int(5, 100));
    await ask('run');
  }

  steps(invocation: Invocation): DailySteps {
    const send = scheduled(invocation, this.scheduler, (call) => this.#perform(call));
    const db = this.#world.dataApi(this.#bug?.wrap?.(send) ?? send);
    return stepsOf(db, this.#setup, this.random.fork(invocation.id), async (executionArn) => this.alive.has(executionArn));
  }

  record(state: string, error: unknown): void {
    if (error === undefined) return;
    const { name, message } = error as Error;
    if (error instanceof StaleBugError) throw error;
    if (error instanceof StoppedError || EXPECTED.includes(name)) return;
    // Two transactions that wait for each other: one is refused, and the step is run again.
    if (name === 'DatabaseErrorException' && /SQLState: (40P01|40001)/.test(message)) this.count('deadlock');
    else this.#violations.push({ rule: 'a step fails only as faults make it', detail: `${state}: ${name}: ${message.slice(0, 300)}` });
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Draws the fault that strikes the call, if any. False: the call is held back for now. */
  async #before(call: Call): Promise<boolean> {
    const { worker } = call;
    if (worker === undefined || worker.fault !== undefined) return true;
    const fault = this.#draw(worker);
    if (fault === undefined) return true;
    worker.fault = fault;
    this.count(fault);
    this.count(strikes(worker.invocation.state));
    if (fault === 'stalled') await this.#stall(worker);
    if (!fault.startsWith('frozen')) return true;
    call.heldUntil = this.scheduler.step + this.#chaos.int(20, 150);
    const { invocation } = worker;
    if (fault === 'frozen, taken over' && invocation.execution !== undefined) {
      this.alive.delete(invocation.execution);
      invocation.abandon(new ExecutionDiedError('its worker was frozen'));
    } else invocation.abandon(Object.assign(new Error('the step took too long'), { name: 'States.Timeout' }));
    return false;
  }

  #draw({ invocation, command }: WorkerCall): Fault | undefined {
    const { burst } = invocation;
    if (burst !== undefined && burst.left > 0 && applies(burst.fault, command)) {
      burst.left -= 1;
      return burst.fault;
    }
    const part = ENDS.has(invocation.state) ? 'end' : 'way';
    if (this.#faultsLeft[part] === 0) return undefined;
    const stalls = applies('stalled', command) && this.#chaos.chance(0.12);
    const weight = weightOf(command, part === 'end' ? undefined : this.#focus);
    if (!stalls && !this.#chaos.chance(this.#faultRate * weight)) return undefined;
    const fault = stalls ? 'stalled' : this.#chaos.pick(this.#faults);
    if (!applies(fault, command)) return undefined;
    this.#faultsLeft[part] -= 1;
    if (fault === 'resuming' || fault === 'server error') invocation.burst = { fault, left: this.#chaos.int(0, 3) };
    return fault;
  }

  async #perform(call: WorkerCall): Promise<unknown> {
    try {
      return await struck(call, this.#send, this.#chaos);
    } catch (error) {
      // Cancelled while it waited: so the service ends a statement after 45 s.
      throw sqlStateOf(error) === '57014' ? timeout() : error;
    }
  }

  /** The Data API, with the planted bug in the statement's text. */
  readonly #send: Send = (command) => this.#world.send(this.#planted(command));

  #planted(command: Command): Command {
    const sql = sqlOf(command);
    if (sql === undefined || this.#bug?.transform === undefined) return command;
    return new ExecuteStatementCommand({ ...(command.input as ExecuteStatementCommandInput), sql: this.#bug.transform(sql) });
  }

  /** What was made slow goes on; if nothing was, 45 s pass and the statement that has waited longest is timed out. One thing at a time. */
  async #timePasses(): Promise<void> {
    this.count('time passes');
    if (await this.#releaseStalls(Number.POSITIVE_INFINITY)) return;
    const [longest] = await this.#world.rows<{ pid: number }>(`select l.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where not l.granted and a.application_name <> 'observer' order by l.waitstart limit 1`);
    if (longest !== undefined) {
      const { pid } = longest;
      await this.#world.rows('select pg_cancel_backend($1)', [pid]);
      while ((await this.#world.rows('select from pg_locks where pid = $1 and not granted', [pid])).length > 0);
    }
    await this.#world.pass(46_000);
  }

  async #releaseStalls(step: number): Promise<boolean> {
    const over = [...this.#stalls].filter(([, { until }]) => until <= step);
    for (const [client] of over) {
      this.#stalls.delete(client);
      await client.query('rollback');
      client.release();
    }
    return over.length > 0;
  }

  /** Makes the statement slow, and others busy meanwhile. */
  async #stall({ command, invocation }: WorkerCall): Promise<void> {
    const stall = stallOf(command, (keys) => this.#chaos.pick(keys));
    if (stall === undefined) return;
    const client = await this.#world.writers.connect();
    try {
      await client.query(`begin; set local lock_timeout = '1ms'`);
      await client.query(stall.lock);
    } catch {
      await client.query('rollback');
      return client.release();
    }
    this.#stalls.set(client, { until: this.scheduler.step + this.#chaos.int(3, 60) });
    this.#meanwhile += 1;
    const id = `meanwhile${this.#meanwhile}`;
    if (this.#chaos.chance(0.5)) invocation.repeat?.();
    const [, touchOf] = Object.entries(TOUCHES).find(([entity]) => sqlOf(command)?.split('\n', 1)[0]?.includes(` ${entity}:`)) ?? [];
    const touch = touchOf?.(stall.key ?? '');
    const catchesUp = this.#chaos.chance(0.5);
    if (touch !== undefined && this.#chaos.chance(0.6)) {
      this.scheduler.spawn(`${id}w`, async () => {
        await this.scheduler.submit(`${id}w`, touch.slice(0, 48), () => this.#world.writers.query(touch)).catch(() => {});
        if (catchesUp) await this.#catchUp(`${id}c`);
      });
    } else if (catchesUp) void this.#catchUp(`${id}c`);
  }

  async #driveToTheEnd(): Promise<void> {
    await this.#world.rows(`update video_platform.migration_control set request = 'run'`);
    const late = this.#probes.chance(0.5);
    for (let run = 1; run <= 4; run++) {
      await this.#runCleanly(`drive${run}`);
      // By now nearly every row is copied: what is written from here on, capture alone brings over.
      if (run === 1 && late) await this.#writeAfterwards();
      const [left] = await this.#world.rows<{ rows: number }>(
        `select (select sum(pending) from video_platform.migration_dashboard)::int + (select count(*) from video_platform.pending_change)::int as rows`,
      );
      if (left?.rows === 0 && (run > 1 || !late)) return;
    }
  }

  async #writeAfterwards(): Promise<void> {
    for (let n = this.#probes.int(2, 8); n > 0; n--)
      for (const { sql, values } of this.#legacy.transaction()) {
        try {
          await this.#world.writers.query(sql, [...values]);
        } catch (error) {
          if (!(error instanceof pg.DatabaseError)) throw error; // refused, as LinkPick's own users are
        }
      }
  }

  /** A run that nothing disturbs: what a killed one left behind is taken over. */
  async #runCleanly(name: string): Promise<{ readonly steps: DailySteps; readonly state: OpenRunOutput | CopyEntityOutput }> {
    const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${name}`;
    const send = this.#bug?.wrap?.(this.#send) ?? this.#send;
    const steps = stepsOf(this.#world.dataApi(send), this.#setup, this.random.fork(name));
    let state: OpenRunOutput | CopyEntityOutput = await steps.OpenRun({
      executionArn,
      request: { runDate: '2026-12-01', dailyLimit: 1_000 },
    });
    await steps.CatchUp({ runId: state.runId });
    for (let round = 0; state.continue && round < 30; round++) state = await steps.CopyEntity(state);
    await steps.CatchUp({ runId: state.runId, closing: true });
    return { steps, state };
  }
}
