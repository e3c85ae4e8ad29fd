import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What other programs need to reach the running stack. */
export interface LocalFile {
  readonly endpoint: string;
  readonly cdnUrl: string;
  readonly databaseUrl: string;
  readonly region: string;
  /** What the Data API asks for. */
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly databaseName: string;
  readonly stateMachines: Readonly<Record<string, string>>;
  readonly buckets: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, string>>;
  readonly pid: number;
}

/** Of the stack that was started last: where the README's commands look. */
export const LOCAL_FILE = fileURLToPath(new URL('../../.videopick/local.json', import.meta.url));

/** A stack's own, which no other replaces: where to look when several run. */
export function localFileIn(dataDir: string): string {
  return join(dataDir, 'local.json');
}

export function writeLocalFile(path: string, content: LocalFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** Takes the file away unless another stack has replaced it since. */
export function removeLocalFile(path: string, pid: number): void {
  try {
    if ((JSON.parse(readFileSync(path, 'utf8')) as LocalFile).pid === pid) rmSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
