import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../local/postgres/owner.ts';

const PREFIX = 'videopick-test-';
const OF_A_RUN = new RegExp(`^${PREFIX}(\\d+)-`);

export interface RunDirectory {
  readonly path: string;
  remove(): void;
}

/**
 * The temporary directory of a test run, below the system's. Until it is removed it stands in for the system's, also in workers and other programs that are
 * started: whatever they leave behind goes with it. Those of runs that were killed are removed first.
 */
export function makeRunDirectory(): RunDirectory {
  removeThoseOfDeadRuns();
  const before = process.env.TMPDIR;
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // PostgreSQL may have to run as another user and passes through here to its own folder.
  chmodSync(path, 0o711);
  process.env.TMPDIR = path;
  return {
    path,
    remove() {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      remove(path);
    },
  };
}

function removeThoseOfDeadRuns(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = OF_A_RUN.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue; // another's, or of a run that goes on
    try {
      remove(join(tmpdir(), name));
    } catch (error) {
      // Another OS user's: that user's next run removes it.
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
