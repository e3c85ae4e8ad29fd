import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Synthesizes the CDK app into a folder, as the CDK command does: the app is told where and with which context by its environment. The signal ends it, and its
 * end is waited for as any other.
 */
export async function synthesize(folder: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as { context: Record<string, unknown> };
  // Ctrl-C ends the app before it has removed its temporary files.
  const scratch = `${folder}.tmp`;
  mkdirSync(scratch, { recursive: true });
  const app = spawn(process.execPath, ['bin/videopick.ts'], {
    cwd: root,
    env: { ...process.env, TMPDIR: scratch, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ ...context, env: 'dev' }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  signal?.addEventListener('abort', () => app.kill(), { once: true });
  let errors = '';
  app.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => app.once('error', reject).once('close', resolve)).finally(() =>
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }),
  );
  if (code !== 0)
    throw new UserError(`the CDK app did not synthesize (exit code ${code}); run npm run synth to see it alone. It said: ${errors.trim()}`);
}
