import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FunctionSpec } from '../../local/lambda/function-spec.ts';
import { LambdaRuntime, type LambdaRuntimeOptions } from '../../local/lambda/lambda-runtime.ts';

export const ARN = 'arn:aws:lambda:ap-northeast-2:123456789012:function:copy';

/** A runtime with one function, `copy`, whose bundle is the given source; both go when the test ends. */
export async function runtimeOf(source: string, fields: Partial<FunctionSpec> = {}, options: Partial<LambdaRuntimeOptions> = {}) {
  const codeDir = await mkdtemp(join(tmpdir(), 'lambda-'));
  await writeFile(join(codeDir, 'index.mjs'), source);
  const lines: string[] = [];
  const spec = { name: 'copy', arn: ARN, codeDir, handler: 'index.handler', environment: {}, timeoutSeconds: 10, memoryMb: 128, ...fields };
  const runtime = new LambdaRuntime({
    functions: [spec],
    endpoint: 'http://127.0.0.1:4566',
    region: 'ap-northeast-2',
    accountId: '123456789012',
    onLog: (name, line) => lines.push(`${name}: ${line}`),
    ...options,
  });
  onTestFinished(async () => {
    await runtime.close();
    await rm(codeDir, { recursive: true, force: true });
  });
  return { runtime, lines };
}
