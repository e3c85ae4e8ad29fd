import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isGone, livePostmaster } from '../../local/postgres/owner.ts';
import { type Postgres, type PostgresOptions, startPostgres } from '../../local/postgres/start-postgres.ts';

let scratch: string;
let dataDir: string;
const started: Postgres[] = [];
const starters: ChildProcess[] = [];

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'videopick-postgres-test-'));
  dataDir = join(scratch, 'cluster');
});
afterEach(async () => {
  for (const starter of starters.splice(0)) starter.kill('SIGKILL');
  await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
  await expect.poll(() => livePostmaster(dataDir), { timeout: 20_000 }).toBeUndefined();
  rmSync(scratch, { recursive: true, force: true });
});

async function start(options: Partial<PostgresOptions> = {}): Promise<Postgres> {
  const postgres = await startPostgres({ dataDir, port: 0, durable: false, ...options });
  started.push(postgres);
  return postgres;
}

async function query(postgres: Pick<Postgres, 'urlOf'>, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgres.urlOf('postgres') });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A process of its own that runs a cluster on the data directory. */
async function starterProcess(): Promise<ChildProcess> {
  const starter = spawn(process.execPath, [join(import.meta.dirname, 'start.ts'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  starters.push(starter);
  await once(starter.stdout as NodeJS.ReadableStream, 'data');
  return starter;
}

function postmasterOf(directory: string): number {
  return Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

describe('a fresh cluster', () => {
  it('is PostgreSQL 17, in UTF-8, sorted by code point, in UTC', async () => {
    const postgres = await start();
    expect(
      await query(
        postgres,
        `select current_setting('server_version') v, current_setting('server_encoding') e, current_setting('timezone') t`,
      ),
    ).toEqual([{ v: expect.stringMatching(/^17\./), e: 'UTF8', t: 'UTC' }]);
    expect(await query(postgres, `select x, upper(x) u from (values ('b'), ('나'), ('가'), ('B'), ('ä')) v (x) order by x`)).toEqual([
      { x: 'B', u: 'B' },
      { x: 'b', u: 'B' },
      { x: 'ä', u: 'Ä' },
      { x: '가', u: '가' },
      { x: '나', u: '나' },
    ]);
  });

  it('listens on the loopback interface and on no socket file', async () => {
    const postgres = await start();
    expect(await query(postgres, `select current_setting('listen_addresses') l, current_setting('unix_socket_directories') s`)).toEqual([
      { l: '127.0.0.1', s: '' },
    ]);
  });

  it('is safe against a crash unless it is told otherwise', async () => {
    const settings = `select current_setting('fsync') f, current_setting('synchronous_commit') s, current_setting('full_page_writes') p`;
    expect(await query(await start({ durable: true }), settings)).toEqual([{ f: 'on', s: 'on', p: 'on' }]);
  });

  it('starts below a directory that only its owner may enter', async () => {
    dataDir = join(scratch, 'closed', 'cluster');
    mkdirSync(join(scratch, 'closed'), { mode: 0o700 });
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('takes an empty directory that is there', async () => {
    mkdirSync(dataDir);
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('stop', () => {
  it('ends the server though clients are connected, and may be called twice', async () => {
    const postgres = await start();
    const client = new pg.Client({ connectionString: postgres.urlOf('postgres') });
    client.on('error', () => {});
    await client.connect();
    const pid = postmasterOf(dataDir);
    await Promise.all([postgres.stop(), postgres.stop()]);
    expect(await isGone(pid, 0)).toBe(true);
  });
});

describe('a directory of an earlier run', () => {
  it('keeps its rows', async () => {
    const first = await start();
    await query(first, 'create table kept as select 42 as n');
    await first.stop();
    expect(await query(await start(), 'select n from kept')).toEqual([{ n: 42 }]);
  });

  it('is taken over after kill -9 of its starter; committed rows are there, the old server is not', async () => {
    const starter = await starterProcess();
    const port = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[3];
    await query({ urlOf: (name) => `postgres://postgres@127.0.0.1:${port}/${name}` }, 'create table kept as select 42 as n');
    const orphan = postmasterOf(dataDir);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    expect(await query(await start({ durable: true }), 'select n from kept')).toEqual([{ n: 42 }]);
    expect(await isGone(orphan, 0)).toBe(true);
  });

  it('is taken over even when the server’s guard was killed with its starter', async () => {
    const starter = await starterProcess();
    const orphan = postmasterOf(dataDir);
    const guard = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${orphan}/status`, 'utf8'))?.[1]);
    const watch = readFileSync(`/proc/${guard}/task/${guard}/children`, 'utf8').trim().split(' ').map(Number);
    for (const pid of [guard, ...watch.filter((pid) => pid !== orphan)]) process.kill(pid, 'SIGKILL');
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    expect(livePostmaster(dataDir), 'the server is an orphan now').toBe(orphan);
    expect(await query(await start({ durable: true }), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await isGone(orphan, 0)).toBe(true);
  });

  it('is refused while the other run lives, which goes on', async () => {
    const starter = await starterProcess();
    const pid = postmasterOf(dataDir);
    await expect(start()).rejects.toMatchObject({ name: 'DataDirectoryInUseError', ownerPid: starter.pid, exitCode: 2 });
    expect(livePostmaster(dataDir)).toBe(pid);
  });

  it('is made anew when initdb was interrupted', async () => {
    mkdirSync(`${dataDir}.initializing`);
    writeFileSync(join(`${dataDir}.initializing`, 'PG_VERSION'), '17\n');
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(`${dataDir}.initializing`)).toBe(false);
  });
});

describe('the server', () => {
  it('ends with its starter, even by kill -9', async () => {
    const starter = await starterProcess();
    const pid = postmasterOf(dataDir);
    starter.kill('SIGKILL');
    expect(await isGone(pid, 10_000)).toBe(true);
  });

  it('does not get the Ctrl-C of the terminal', async () => {
    const starter = await starterProcess();
    const pid = postmasterOf(dataDir);
    const groupOf = (id: number) => readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    expect(groupOf(pid)).not.toBe(groupOf(starter.pid as number));
  });
});

describe('what cannot be used is refused in one clear sentence', () => {
  it('a port that is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      name: 'PortTakenError',
      message: expect.stringMatching(new RegExp(`port ${port} .*--database-port`)),
    });
    holder.close();
    await once(holder, 'close');
    expect((await start({ port })).port).toBe(port);
  });

  it('a file in place of a directory', async () => {
    writeFileSync(dataDir, '');
    await expect(start()).rejects.toMatchObject({ name: 'DataDirectoryError', message: expect.stringContaining('it is not a directory') });
  });

  it('a directory below a file', async () => {
    writeFileSync(join(scratch, 'file'), '');
    await expect(start({ dataDir: join(scratch, 'file', 'cluster') })).rejects.toMatchObject({ name: 'DataDirectoryError' });
  });

  it('a directory with other files, which stay', async () => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'thesis.txt'), 'mine');
    await expect(start()).rejects.toMatchObject({ name: 'DataDirectoryError', message: expect.stringContaining('thesis.txt') });
    expect(readFileSync(join(dataDir, 'thesis.txt'), 'utf8')).toBe('mine');
  });

  it('a cluster of another major version', async () => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'PG_VERSION'), '16\n');
    await expect(start()).rejects.toMatchObject({ name: 'DataDirectoryError', message: expect.stringContaining('PostgreSQL 16') });
  });

  it.skipIf(process.getuid?.() === 0)('a parent that is not writable (root may write everywhere)', async () => {
    mkdirSync(join(scratch, 'readonly'));
    chmodSync(join(scratch, 'readonly'), 0o500);
    await expect(start({ dataDir: join(scratch, 'readonly', 'cluster') })).rejects.toMatchObject({
      name: 'DataDirectoryError',
      message: expect.stringContaining('permission denied'),
    });
  });

  it('a cluster that is damaged', async () => {
    const first = await start();
    await first.stop();
    rmSync(join(dataDir, 'global'), { recursive: true });
    await expect(start()).rejects.toMatchObject({
      name: 'PostgresStartError',
      message: expect.stringMatching(/last words:\n.*could not/s),
    });
  });
});
