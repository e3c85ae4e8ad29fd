import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const shared = { bundle: true, minify: true, legalComments: 'none', logLevel: 'error', absWorkingDir: root } satisfies BuildOptions;

let output: string | undefined;

/**
 * The folder with one Lambda's bundle, `index.mjs`: an entry is `migration/copy-entity` for `lambdas/migration/copy-entity.lambda.ts`.
 * All are bundled in one pass, the first time one is asked for. The SDK is bundled too: the runtime's copy moves, ours is pinned.
 */
export function bundleOf(entry: string): string {
  output ??= bundleAll();
  return join(output, entry);
}

/** Puts a folder of the repository into a Lambda's bundle, beside `index.mjs`. */
export function addToBundle(entry: string, name: string, folder: string): void {
  cpSync(join(root, folder), join(bundleOf(entry), name), { recursive: true });
}

/** Puts a text that is made at synth into a Lambda's bundle, beside `index.mjs`. */
export function addTextToBundle(entry: string, name: string, text: string): void {
  writeFileSync(join(bundleOf(entry), name), text);
}

/** Bundles a browser script into a Lambda's bundle: `page.ts` becomes `<name>/page.js`. */
export function addBrowserScript(entry: string, name: string, script: string): void {
  const file = script.slice(script.lastIndexOf('/') + 1).replace(/\.ts$/, '.js');
  buildSync({
    ...shared,
    entryPoints: [script],
    outfile: join(bundleOf(entry), name, file),
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
  });
}

function bundleAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-bundles-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync(process.execPath, [join(root, 'lib/bundle-lambdas.ts'), folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  return folder;
}
