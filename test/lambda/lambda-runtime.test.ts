import { expect, it, vi } from 'vitest';
import { ARN, runtimeOf } from './bundles.ts';

it('has the young generation that NODE_OPTIONS asks for, which a thread would not read', async () => {
  const source = `import { resourceLimits } from 'node:worker_threads';
    export const handler = async () => resourceLimits.maxYoungGenerationSizeMb;`;
  const small = await runtimeOf(source, { environment: { NODE_OPTIONS: '--enable-source-maps --max-semi-space-size=1' } });
  const usual = await runtimeOf(source, { environment: { NODE_OPTIONS: '--enable-source-maps' } });
  expect(await small.runtime.invoke('copy', {})).toEqual({ payload: 3 });
  expect(Number((await usual.runtime.invoke('copy', {})).payload)).toBeGreaterThan(3);
});

it("gives a function the template's environment and nothing of this process", async () => {
  process.env.SECRET_OF_THE_HOST = 'leaked';
  const { runtime } = await runtimeOf('export const handler = async () => process.env;', {
    environment: { BATCH_ROWS: '100', NODE_OPTIONS: '--enable-source-maps' },
  });
  const { payload } = await runtime.invoke('copy', {});
  delete process.env.SECRET_OF_THE_HOST;
  expect(payload).toMatchObject({
    BATCH_ROWS: '100',
    AWS_REGION: 'ap-northeast-2',
    AWS_LAMBDA_FUNCTION_NAME: 'copy',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/copy',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_EC2_METADATA_DISABLED: 'true',
    TZ: ':UTC',
  });
  for (const name of ['SECRET_OF_THE_HOST', 'HOME', 'VITEST']) expect(payload).not.toHaveProperty(name);
});

it('gives the handler its event and context', async () => {
  const { runtime } = await runtimeOf(`export const handler = async (event, context) => ({
    event, left: context.getRemainingTimeInMillis(), id: context.awsRequestId, arn: context.invokedFunctionArn, memory: context.memoryLimitInMB });`);
  const { payload } = (await runtime.invoke(ARN, { a: ['가', 1] })) as { payload: Record<string, unknown> };
  expect(payload).toMatchObject({ event: { a: ['가', 1] }, arn: ARN, memory: '128', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(payload.left).toBeGreaterThan(9000);
  expect(payload.left).toBeLessThanOrEqual(10_000);
});

it('re-uses a warm worker, and runs invocations at the same time in workers of their own', async () => {
  const { runtime } = await runtimeOf(`import { threadId } from 'node:worker_threads';
    let count = 0;
    export const handler = async ({ ms }) => { count += 1; await new Promise((r) => setTimeout(r, ms)); return { threadId, count }; };`);
  const first = await runtime.invoke('copy', { ms: 0 });
  const second = await runtime.invoke('copy', { ms: 0 });
  expect(second.payload).toEqual({ ...(first.payload as object), count: 2 });
  const both = await Promise.all([runtime.invoke('copy', { ms: 300 }), runtime.invoke('copy', { ms: 300 })]);
  expect(new Set(both.map(({ payload }) => (payload as { threadId: number }).threadId)).size).toBe(2);
});

it("keeps the thrown error's name, message and trace", async () => {
  const { runtime } = await runtimeOf(`class CursorMismatchError extends Error { name = 'CursorMismatchError'; }
    export const handler = async () => { throw new CursorMismatchError('restore the key'); };`);
  const result = await runtime.invoke('copy', {});
  expect(result).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'CursorMismatchError', errorMessage: 'restore the key' },
  });
  expect((result.payload as { trace: string[] }).trace[0]).toBe('CursorMismatchError: restore the key');
});

it('ends a function at its timeout, also a busy loop, and starts afresh', async () => {
  const { runtime } = await runtimeOf('let n = 0; export const handler = ({ spin }) => { n += 1; while (spin); return n; };', {
    timeoutSeconds: 1,
  });
  await runtime.invoke('copy', {});
  expect(await runtime.invoke('copy', { spin: true })).toEqual({
    functionError: 'Unhandled',
    payload: {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/),
    },
  });
  expect(await runtime.invoke('copy', {})).toEqual({ payload: 1 });
});

it.each([
  ['leaves', 'process.exit(3)', /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/],
  [
    'runs out of memory',
    'const all = []; while (true) all.push(new Array(1e5).fill(Math.random()))',
    /^RequestId: \S+ Error: Runtime exited with error: signal: killed/,
  ],
])('answers Runtime.ExitError when a function %s, and goes on', async (_, code, message) => {
  const { runtime } = await runtimeOf(`export const handler = async ({ die }) => { if (die) { ${code} } return 'alive'; };`, {
    memoryMb: 64,
  });
  expect(await runtime.invoke('copy', { die: true })).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(message) },
  });
  expect(await runtime.invoke('copy', {})).toEqual({ payload: 'alive' });
});

it.each([
  ['a missing module', "import 'no-such-package'; export const handler = () => 1;", 'Runtime.ImportModuleError'],
  ['a syntax error', 'export const handler = () => {', 'Runtime.UserCodeSyntaxError'],
  ['a missing handler', 'export const other = () => 1;', 'Runtime.HandlerNotFound'],
  ['a failing start', "throw new RangeError('BATCH_ROWS is 0');", 'RangeError'],
])('reports %s of a bundle', async (_, source, errorType) => {
  const { runtime } = await runtimeOf(source);
  expect(await runtime.invoke('copy', {})).toMatchObject({ functionError: 'Unhandled', payload: { errorType } });
});

it('hands on every line that a function writes', async () => {
  const { runtime, lines } = await runtimeOf(
    `export const handler = async () => { console.log('{"level":"INFO"}'); console.error('two\\nlines'); process.stdout.write('no newline'); process.stdout.write('!\\n'); };`,
  );
  expect(await runtime.invoke('copy', {})).toEqual({ payload: null });
  await vi.waitUntil(() => lines.length === 4, { timeout: 10_000 });
  expect(lines.toSorted()).toEqual(['copy: lines', 'copy: no newline!', 'copy: two', 'copy: {"level":"INFO"}']);
});

it('stops a function whose caller has gone', async () => {
  const { runtime } = await runtimeOf('export const handler = () => new Promise(() => setInterval(() => {}, 1000));');
  const controller = new AbortController();
  const invocation = runtime.invoke('copy', {}, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('the task timed out')), 200);
  await expect(invocation).rejects.toThrow('the task timed out');
});

it('holds payloads to 6 MB in both directions', async () => {
  const { runtime } = await runtimeOf("export const handler = ({ size }) => 'x'.repeat(size);");
  await expect(runtime.invoke('copy', 'x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({
    code: 'RequestTooLargeException',
    status: 413,
  });
  expect(await runtime.invoke('copy', { size: 6 * 1024 * 1024 })).toMatchObject({
    payload: { errorType: 'Function.ResponseSizeTooLarge' },
  });
  expect(await runtime.invoke('copy', { size: 6 * 1024 * 1024 - 2 })).not.toHaveProperty('functionError');
});
