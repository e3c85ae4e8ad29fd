import { existsSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataDirectoryInUseError, PostgresStartError } from './errors.ts';

const STOP_TIMEOUT_MS = 15_000;
const RECORD = 'videopick.owner';

/**
 * Takes the cluster for this process. A PostgreSQL that a killed process left behind is stopped, by its id, and waited for.
 * @throws {DataDirectoryInUseError} when the process that started it still lives
 */
export async function takeOwnership(directory: string): Promise<void> {
  const owner = readOwner(directory);
  const orphan = livePostmaster(directory);
  if (orphan !== undefined) {
    if (owner !== undefined && owner.pid !== process.pid && isAlive(owner.pid) && startOf(owner.pid) === owner.started) {
      throw new DataDirectoryInUseError(directory, owner.pid);
    }
    await stopPostmaster(orphan, directory);
  }
  writeFileSync(join(directory, RECORD), JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
}

export function giveUpOwnership(directory: string): void {
  if (readOwner(directory)?.pid === process.pid) rmSync(join(directory, RECORD), { force: true });
}

/** The pid of the PostgreSQL that runs on this directory, if one does. */
export function livePostmaster(directory: string): number | undefined {
  const file = join(directory, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  if (process.platform !== 'linux') return pid;
  // The pid may have been given to another program since. A postmaster works in its data directory.
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === directory ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function stopPostmaster(pid: number, directory: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    // SIGINT: fast shutdown with a checkpoint. SIGQUIT: immediate, recovered from the log at the next start.
    signalIfAlive(pid, signal);
    if (await isGone(pid, STOP_TIMEOUT_MS)) return;
  }
  throw new PostgresStartError(directory, `process ${pid}, left by an earlier run, does not stop`, '');
}

/** Waits until the process has ended. Answers false when it has not within the time. */
export async function isGone(pid: number, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) if (!isAlive(pid)) return true;
  return !isAlive(pid);
}

export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Zombies are not: nobody may ever reap them in a container. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || statusField(pid, 0) !== 'Z';
}

/** When the process started, in the kernel's ticks, so that a pid given anew is not taken for its predecessor. Empty when unknown. */
function startOf(pid: number): string {
  if (process.platform === 'linux') return statusField(pid, 19) ?? '';
  return isAlive(pid) ? 'alive' : '';
}

/** Field of /proc/PID/stat, counted from the state, which follows the name in parentheses. */
function statusField(pid: number, index: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[index];
  } catch {
    return undefined;
  }
}

function readOwner(directory: string): { pid: number; started: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, RECORD), 'utf8'));
  } catch {
    return undefined;
  }
}
