import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Gives `work` a fresh directory under `parent` that nobody else uses, and removes it whatever happens. */
export async function withPrivateDirectory<T>(parent: string, prefix: string, work: (directory: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, prefix));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
