import type { ChildProcess } from 'node:child_process';
import { PortTakenError, UserError } from '../errors.ts';
import { findBinaries, findLinkerError } from './binaries.ts';
import { ensureCluster, viewOf } from './cluster-directory.ts';
import { PostgresStartError } from './errors.ts';
import { reservePort } from './free-port.ts';
import { pickOsUser } from './os-user.ts';
import { giveUpOwnership, isGone, livePostmaster, signalIfAlive, takeOwnership } from './owner.ts';
import { postgresParameters } from './settings.ts';
import { spawnSupervised } from './supervised.ts';

export interface PostgresOptions {
  /** Holds the cluster and nothing else: new, empty, or made by an earlier run. */
  readonly dataDir: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** False gives up safety against a crash for speed: only for clusters that are thrown away. @default true */
  readonly durable?: boolean;
  readonly onLog?: (line: string) => void;
}

export interface Postgres {
  readonly port: number;
  /** A superuser's connection string. The database need not exist. */
  urlOf(database: string): string;
  /** Disconnects every client and ends the server. Safe to call twice. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 20_000;
const PORT_ATTEMPTS = 5;

/**
 * PostgreSQL 17 on 127.0.0.1. It ends with this process, even by kill -9; one that an earlier process left behind is stopped first.
 * @throws {PortTakenError} @throws {DataDirectoryError} @throws {DataDirectoryInUseError} @throws {PostgresPackageError}
 * @throws {SharedLibraryMissingError} @throws {InitdbError} @throws {PostgresStartError} @throws {NoPostgresUserError}
 */
export async function startPostgres({ dataDir, port, durable = true, onLog }: PostgresOptions): Promise<Postgres> {
  if (process.platform === 'win32') throw new UserError('Windows itself is not supported; run this in WSL, where it is Linux');
  const user = pickOsUser();
  const binaries = findBinaries(user);
  try {
    const directory = await ensureCluster(dataDir, binaries, user, { durable });
    await takeOwnership(directory);
    const view = viewOf(directory, user);
    for (let attempt = 1; ; attempt++) {
      const chosen = await reservePort(port);
      const parameters = ['-D', view.path, ...postgresParameters({ port: chosen, durable })];
      const child = spawnSupervised(binaries.postgres, parameters, { user, view });
      try {
        await untilReady(child, { directory, program: binaries.postgres, port, onLog });
      } catch (error) {
        // Between the choice of a free port and its use another process may have taken it.
        if (error instanceof PortTakenError && port === 0 && attempt < PORT_ATTEMPTS) continue;
        giveUpOwnership(directory);
        throw error;
      }
      let stopped: Promise<void> | undefined;
      return {
        port: chosen,
        urlOf: (database) => `postgres://postgres@127.0.0.1:${chosen}/${encodeURIComponent(database)}`,
        stop() {
          stopped ??= stop(child, directory).finally(binaries.remove);
          return stopped;
        },
      };
    }
  } catch (error) {
    binaries.remove();
    throw error;
  }
}

interface ReadyContext {
  readonly directory: string;
  readonly program: string;
  readonly port: number;
  readonly onLog?: ((line: string) => void) | undefined;
}

async function untilReady(child: ChildProcess, { directory, program, port, onLog }: ReadyContext): Promise<void> {
  let output = '';
  let ready = false;
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stdin?.on('error', () => {}); // the shell ended first
    child.once('close', (code, signal) => {
      if (ready) return;
      if (/Address already in use/.test(output)) return reject(new PortTakenError('--database-port', port));
      const exit = signal === null ? `exit code ${code}` : `signal ${signal}`;
      reject(findLinkerError(program, output) ?? new PostgresStartError(directory, exit, output));
    });
    const read = (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) if (line !== '') onLog?.(line);
      if (ready) return;
      output += chunk;
      if (!output.includes('database system is ready to accept connections')) return;
      ready = true;
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
}

async function stop(child: ChildProcess, directory: string): Promise<void> {
  const pid = livePostmaster(directory);
  child.stdin?.end();
  if (pid !== undefined && !(await isGone(pid, STOP_TIMEOUT_MS))) {
    signalIfAlive(pid, 'SIGQUIT');
    if (!(await isGone(pid, STOP_TIMEOUT_MS))) signalIfAlive(pid, 'SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
  giveUpOwnership(directory);
}
