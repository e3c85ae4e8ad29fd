import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
        .replace(/^n\d+_registry\.registerError\(\w+\$, (\w+)\);$/gm, (line, name: string) => (isNamedError(name, path) ? line : ''))
        .replace(/(?<![\w$.])_\w+\b(?![\w$])/g, (name) => texts.get(name) ?? name);
      return { contents, loader: 'js' };
    });
  },
};

const lambdaNames = new Set(
  globSync('lambdas/**/*.ts', { cwd: root }).flatMap((file) => readFileSync(join(root, file), 'utf8').match(/\w+/g) ?? []),
);

/**
 * A registered error keeps its class and its shape in the bundle: Step Functions has 8 kB of them. One that no Lambda names comes as the service's base
 * exception with the error's name, status and members, as errors do that the SDK does not know. Those that say when to retry stay.
 */
function isNamedError(name: string, schemas: string): boolean {
  if (lambdaNames.has(name)) return true;
  const errors = readFileSync(join(dirname(schemas), '../models/errors.js'), 'utf8');
  const declaration = errors.slice(errors.indexOf(`class ${name} `)).split(/^}/m, 1)[0] ?? '';
  return declaration.includes('$retryable');
}

/** A schema of zod can describe itself as JSON Schema, which takes 16 kB and happens at synth alone. */
const noJsonSchemas: Plugin = {
  name: 'no-json-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/ }, ({ path }) => {
      const names = [...readFileSync(path, 'utf8').matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name = '']) => name);
      const refuse = `const refuse = () => { throw new Error('bundles have no JSON schemas (lib/bundle-lambdas.ts)'); };`;
      const makers = names.filter((name) => name.startsWith('create')).map((name) => `export const ${name} = () => refuse;`);
      const others = names.filter((name) => !name.startsWith('create')).map((name) => `refuse as ${name}`);
      return { contents: `${refuse}\n${makers.join('\n')}\nexport { ${others.join(', ')} };`, loader: 'js' };
    });
  },
};

/** The SDK brings hashes in JavaScript for runtimes without Node's: 7 kB. */
const nodeHashes: Plugin = {
  name: 'node-hashes',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist-es[\\/].*[\\/](Md5|Sha1|Sha256)Js\.js$/ }, ({ path }) => {
      const name = basename(path, '.js');
      const refusal = `constructor() { throw new Error('bundles have ${name} of node:crypto alone (lib/bundle-lambdas.ts)'); }`;
      return { contents: `export class ${name} { ${refusal} }`, loader: 'js' };
    });
  },
};

/** The SDK's adaptive retries, which no client here asks for: 4 kB. A function whose AWS_RETRY_MODE does is refused. */
const standardRetries: Plugin = {
  name: 'standard-retries',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]util-retry[\\/]AdaptiveRetryStrategy\.js$/ }, () => {
      const refusal = `constructor() { throw new Error('bundles retry in the standard mode alone (lib/bundle-lambdas.ts)'); }`;
      return { contents: `export class AdaptiveRetryStrategy { ${refusal} }`, loader: 'js' };
    });
  },
};

const S3_IMPORTER = /[\\/]@aws-sdk[\\/](client-s3|middleware-sdk-s3|s3-request-presigner)[\\/]/;

/**
 * S3's signer for access points of several regions, of which there are none: 3 kB. What is left of it signs for one. S3's alone: the edge's key-value
 * store takes no other signature than the one for all regions, and its client asks the same package for it.
 */
const oneRegion: Plugin = {
  name: 'one-region',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /^@aws-sdk\/signature-v4-multi-region$/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === oneRegion || !S3_IMPORTER.test(importer)) return undefined;
      const { path: index, errors } = await resolve(path, { importer, kind, resolveDir, pluginData: oneRegion });
      return { path: index, namespace: 'one-region', errors, sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace: 'one-region' }, ({ path }) => ({
      contents: `
        import { SignatureV4SignWithCredentials } from './SignatureV4SignWithCredentials';
        export { SignatureV4SignWithCredentials };
        export class SignatureV4MultiRegion extends SignatureV4SignWithCredentials { static sigv4aDependency() { return 'none'; } }`,
      resolveDir: dirname(path),
      loader: 'js',
    }));
  },
};

/** S3's rules for endpoints of every kind of bucket: 17 kB more than those of general purpose buckets. */
const plainBuckets: Plugin = {
  name: 'plain-buckets',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/endpoint\/endpointResolver$/ }, ({ importer }) =>
      /[\\/]client-s3[\\/]/.test(importer) ? { path: join(root, 'lib/plain-bucket-endpoints.ts') } : undefined,
    );
  },
};

/** Clients read their own version, and bring the whole of their package.json for it: 2 kB each. */
const versionsOnly: Plugin = {
  name: 'versions-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, ({ path }) => {
      const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};

/** Clients know every region by a name for people as well, which no rule of an endpoint asks for: 2 kB. */
const namelessRegions: Plugin = {
  name: 'nameless-regions',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/"description": "[^"\n]*"/g, ''),
      loader: 'js',
    }));
  },
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder for the bundles: node lib/bundle-lambdas.ts FOLDER');

await build({
  bundle: true,
  minify: true,
  legalComments: 'none',
  // Korean sentences in half the bytes of escapes.
  charset: 'utf8',
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
  plugins: [usedZod, usedShapes, noJsonSchemas, nodeHashes, standardRetries, oneRegion, plainBuckets, versionsOnly, namelessRegions],
  sourcemap: 'linked',
  sourcesContent: false,
});
