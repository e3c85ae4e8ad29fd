import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Status } from '../../lambdas/operations/status.ts';
import { type OpenedPage, useBrowser } from '../support/browser-page.ts';
import { makeHls } from './make-hls.ts';
import { type ServedConsole, serveConsole } from './serve-console.ts';

export interface OpenedConsole extends OpenedPage {
  readonly served: ServedConsole;
}

export interface ConsoleOptions {
  /** Whether `/encoded/` holds what `makeHls` makes. @default false */
  readonly media?: boolean;
}

/**
 * A browser for the file that calls this at its head, and for each test what the function it answers opens: a console that nobody has used, and
 * an empty page. Both end with the test.
 */
export function useConsole(status: Status, { media = false }: ConsoleOptions = {}): () => Promise<OpenedConsole> {
  const openPage = useBrowser();
  let folder: string | undefined;
  if (media) {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'videopick-media-'));
      await makeHls(folder);
    });
    afterAll(async () => {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });
  }
  return async () => {
    const served = await serveConsole(status, folder);
    onTestFinished(() => served.close());
    return { served, ...(await openPage()) };
  };
}
