import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { launchBrowser, type TestBrowser } from './browser.ts';

export interface OpenedPage {
  readonly page: Page;
  /** Everything the browser complained about: failed requests, refusals of the content security policy or of CORS, uncaught errors. */
  readonly complaints: string[];
}

/** Opens an empty page in a context of its own, which ends with the test. Call it in a test or in `beforeEach`. */
export type OpenPage = (options?: BrowserContextOptions) => Promise<OpenedPage>;

/** One browser for the file that calls this at its head, from before its first test to after its last. */
export function useBrowser(): OpenPage {
  let launched: TestBrowser | undefined;
  beforeAll(async () => {
    launched = await launchBrowser();
  });
  afterAll(() => launched?.close());
  return async (options) => {
    if (launched === undefined) throw new Error('the browser is launched before the first test; open pages in a test or in beforeEach');
    const context = await launched.browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    return { page, complaints };
  };
}
