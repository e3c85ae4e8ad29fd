import type { FaultLog } from './fault-log.ts';
import { resolveUri } from './relative-uri.ts';

/** What publishing writes into the folder; there already when an output is checked again. */
const WRITTEN_AT_PUBLISHING = ['index.m3u8', 'storyboard.vtt'];

/** Who refers to what in an output's folder: checks 2 and 3. */
export class References {
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #faults: FaultLog;
  readonly #referrers = new Map<string, string>();
  readonly #known = new Set(WRITTEN_AT_PUBLISHING);

  /** `sizes`: every file of the folder, by its path in it. */
  constructor(sizes: ReadonlyMap<string, number>, faults: FaultLog) {
    this.#sizes = sizes;
    this.#faults = faults;
  }

  /** A file that is there by contract, whoever names it. */
  expect(file: string): void {
    this.#known.add(file);
  }

  /** The file a URI leads to, when it is relative, stays inside, exists and is not empty. */
  follow(playlist: string, uri: string): string | undefined {
    const resolved = resolveUri(playlist, uri);
    if ('refused' in resolved) {
      this.#faults.add(2, playlist, `a URI ${resolved.refused}: ${uri}`, 'a relative URI inside the folder');
      return undefined;
    }
    const { file } = resolved;
    const owner = this.#referrers.get(file);
    if (owner !== undefined) this.#faults.add(3, file, `named by ${owner} and again by ${playlist}`, 'one playlist, once');
    this.#referrers.set(file, playlist);
    const bytes = this.#sizes.get(file);
    if (bytes) return file;
    this.#faults.add(2, file, bytes === undefined ? 'missing' : 'empty', `the file that ${playlist} names`);
    return undefined;
  }

  reportOrphans(): void {
    for (const file of this.#sizes.keys()) {
      if (!this.#known.has(file) && !this.#referrers.has(file)) this.#faults.add(3, file, 'named by no playlist', 'no orphans');
    }
  }
}
