import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** CommonJS dependencies of an ESM bundle call `require` for Node's own modules. */
const REQUIRE_BANNER = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

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
  const entryPoints = globSync('lambdas/**/*.lambda.ts', { cwd: root }).map((file) => ({
    in: file,
    out: `${file.slice('lambdas/'.length, -'.lambda.ts'.length)}/index`,
  }));
  buildSync({
    ...shared,
    entryPoints,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE_BANNER },
    sourcemap: 'linked',
    sourcesContent: false,
  });
  return folder;
}
