import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/**
 * Bundles every Lambda into the folder that is the only argument. A program of its own, run by lib/bundle.ts: CDK makes constructs in one go and
 * cannot wait, and esbuild takes plugins only where it may be waited for.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** CommonJS dependencies of an ESM bundle call `require` for Node's own modules. */
const REQUIRE_BANNER = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * `z` is exported as one object, of which esbuild keeps all members, every language's messages among them; imported as a namespace it keeps what is
 * used. 790 kB of a small Lambda become 430 kB.
 */
const usedZod: Plugin = {
  name: 'used-zod',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lambdas[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/^import \{ z \} from 'zod';/m, `import * as z from 'zod';`),
      loader: 'ts',
    }));
  },
};

/**
 * The SDK's schemas name their members by constants in computed keys, which esbuild must take for calls with effects: it keeps every shape of a
 * service. With the texts themselves in the keys it keeps those of the commands in use: MediaConvert's 80 kB become 6 kB.
 */
const usedShapes: Plugin = {
  name: 'used-shapes',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/].*[\\/]schemas_\d+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const texts = new Map([...text.matchAll(/^const (_\w+) = ("[^"\n]*");$/gm)].map(([, name = '', value = '']) => [name, value]));
      const contents = text
        .replace(/^const _\w+ = "[^"\n]*";$/gm, '')
        .replace(/(?<![\w$.])_\w+\b(?![\w$])/g, (name) => texts.get(name) ?? name);
      return { contents, loader: 'js' };
    });
  },
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder for the bundles: node lib/bundle-lambdas.ts FOLDER');

await build({
  bundle: true,
  minify: true,
  legalComments: 'none',
  logLevel: 'error',
  absWorkingDir: root,
  entryPoints: globSync('lambdas/**/*.lambda.ts', { cwd: root }).map((file) => ({
    in: file,
    out: `${file.slice('lambdas/'.length, -'.lambda.ts'.length)}/index`,
  })),
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE_BANNER },
  alias: {
    '@aws-sdk/credential-provider-node': fileURLToPath(new URL('environment-credentials.ts', import.meta.url)),
    '@smithy/core/event-streams': fileURLToPath(new URL('no-event-streams.ts', import.meta.url)),
  },
  plugins: [usedZod, usedShapes],
  sourcemap: 'linked',
  sourcesContent: false,
});
