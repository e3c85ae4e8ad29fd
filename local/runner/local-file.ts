import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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

const path = fileURLToPath(new URL('../../.videopick/local.json', import.meta.url));

export function writeLocalFile(content: LocalFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** Takes the file away unless another stack has replaced it since. */
export function removeLocalFile(pid: number): void {
  try {
    if ((JSON.parse(readFileSync(path, 'utf8')) as LocalFile).pid === pid) rmSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
