import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import type { Deployed } from './bench.ts';

export interface StepRequest {
  readonly bundle: string;
  readonly events: readonly unknown[];
}

export type StepReply = { readonly importMs: number; readonly maxRssBytes: number } | { readonly error: string };

/** Its types are taken off here: doing so in the process would be most of the memory that is measured there. */
const source = readFileSync(new URL('step-process.ts', import.meta.url), 'utf8');
const program = transformSync(source, { loader: 'ts', target: 'node24' }).code;

/** Loads a Lambda in a fresh process with its own environment, and gives it events one after the other. @throws when it fails */
export async function runStep({ name, bundle, environment }: Deployed, events: readonly unknown[]) {
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  try {
    const reply = await new Promise<StepReply>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the process of ${name} ended with ${code} before it answered`)));
      child.once('message', (message) => resolve(message as StepReply));
      child.send({ bundle, events } satisfies StepRequest);
    });
    if ('error' in reply) throw new Error(`${name}: ${reply.error}`);
    return reply;
  } finally {
    process.removeListener('exit', kill);
  }
}
