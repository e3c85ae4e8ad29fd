import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Outcome, startCommand } from '../support/child-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Alone it takes seconds; other tests share the machine. */
const SYNTH_LIMIT_MS = 90_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-cli-'));
  mkdirSync(join(folder, 'home'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in the repository with nothing of AWS around it: no variables, no home, no metadata service. */
function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const around = { PATH: process.env.PATH, HOME: join(folder, 'home'), AWS_EC2_METADATA_DISABLED: 'true', CI: 'true' };
  return startCommand(command, args, { env: { ...around, ...env }, timeout: SYNTH_LIMIT_MS }).ended;
}

it('synthesizes with the real CLI without credentials and without look-ups', { timeout: SYNTH_LIMIT_MS + 5_000 }, async () => {
  const out = join(folder, 'cdk.out');
  const { code, output } = await run('npx', ['cdk', 'synth', '--quiet', '-c', 'env=dev', '--output', out]);
  expect(output).not.toMatch(/\berror\b/i);
  expect(code).toBe(0);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
    missing?: unknown[];
    artifacts: Record<string, { type: string; environment?: string }>;
  };
  expect(manifest.missing ?? []).toEqual([]);
  const stacks = Object.entries(manifest.artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  expect(stacks.map(([id]) => id).sort()).toEqual([
    'Alerts',
    'Api',
    'Database',
    'Delivery',
    'Edge',
    'Flags',
    'Migration',
    'Rollout',
    'Storage',
    'Transcoding',
  ]);
  expect(new Set(stacks.map(([, { environment }]) => environment))).toEqual(new Set(['aws://unknown-account/ap-northeast-2']));
  expect(existsSync(join(root, 'cdk.context.json'))).toBe(false);
});

it.each([
  ['nowhere', 'there is no environment "nowhere"; choose one with -c env=NAME. Known: dev, staging, prod'],
  [undefined, 'there is no environment "undefined"; choose one with -c env=NAME. Known: dev, staging, prod'],
])('refuses the environment %s and writes nothing', async (env, message) => {
  const out = join(folder, `refused-${env}`);
  const { code, output } = await run(process.execPath, ['bin/videopick.ts'], {
    CDK_OUTDIR: out,
    CDK_CONTEXT_JSON: JSON.stringify({ env }),
  });
  expect(code).toBe(1);
  expect(output).toContain(message);
  expect(existsSync(join(out, 'manifest.json'))).toBe(false);
});
