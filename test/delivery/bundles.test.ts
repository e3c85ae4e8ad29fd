import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LambdaRuntime } from '../../local/lambda/lambda-runtime.ts';
import { STORE_ARN } from './distribution.ts';
import { startEdge } from './local-edge.ts';

const ARN = 'arn:aws:lambda:ap-northeast-2:000000000000:function:route-viewers';

/** All functions, bundled as for the cloud. */
const folder = mkdtempSync(join(tmpdir(), 'videopick-edge-bundles-'));
beforeAll(() => void execFileSync(process.execPath, ['lib/bundle-lambdas.ts', folder]));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('reaches the store at the endpoint it is given, in the environment of a function', async () => {
  const { endpoint, held } = await startEdge();
  const runtime = new LambdaRuntime({
    functions: [
      {
        name: 'route-viewers',
        arn: ARN,
        codeDir: join(folder, 'delivery/route-viewers'),
        handler: 'index.handler',
        environment: { KEY_VALUE_STORE_ARN: STORE_ARN, POWERTOOLS_SERVICE_NAME: 'route-viewers' },
        timeoutSeconds: 30,
        memoryMb: 256,
        layers: [],
      },
    ],
    endpoint,
    region: 'ap-northeast-2',
    accountId: '000000000000',
    onLog: () => {},
  });
  onTestFinished(() => runtime.close());
  const result = await runtime.invoke(ARN, { useLegacyRoutes: true, reason: 'a test' });
  expect(result.payload).toEqual({ before: { useLegacyRoutes: false }, after: { useLegacyRoutes: true } });
  expect(held.get('use_legacy_routes')).toBe('true');
  expect((await runtime.invoke(ARN, { useLegacyRoutes: 1 })).payload).toMatchObject({ errorType: 'InvalidInputError' });
});

/** Runs a bundle in a process of its own, as in AWS: no endpoint is given, so the service's rules choose host and signature. Its HTTPS ends at `port`. */
async function runAsInAws(bundle: string, event: object, port: number): Promise<unknown> {
  const toPort = `
    import http from 'node:http'; import https from 'node:https'; import { syncBuiltinESMExports } from 'node:module';
    https.request = (options, onResponse) =>
      http.request({ ...options, agent: undefined, protocol: 'http:', host: '127.0.0.1', hostname: '127.0.0.1', port: ${port} }, onResponse);
    syncBuiltinESMExports();`;
  const invoke = `
    const { handler } = await import(${JSON.stringify(join(folder, bundle, 'index.mjs'))});
    const result = await handler(${JSON.stringify(event)}, { awsRequestId: 'r-1', functionName: 'f' });
    process.stdout.write('\\n' + JSON.stringify(result));`;
  const preload = `data:text/javascript,${encodeURIComponent(toPort)}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', preload, '--input-type=module', '--eval', invoke], {
    env: {
      AWS_REGION: 'ap-northeast-2',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SESSION_TOKEN: 'token',
      KEY_VALUE_STORE_ARN: STORE_ARN,
      POWERTOOLS_SERVICE_NAME: 'route-viewers',
    },
    timeout: 30_000,
  });
  return JSON.parse(stdout.split('\n').at(-1) ?? '');
}

describe('in AWS', () => {
  it('asks the store of its account, signed for all regions at once', async () => {
    const heard: IncomingHttpHeaders[] = [];
    const recorder = createServer((request, response) => {
      heard.push(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"Key":"use_legacy_routes","Value":"true"}');
    });
    await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void recorder.close());
    const { port } = recorder.address() as AddressInfo;
    const output = await runAsInAws('delivery/route-viewers', { useLegacyRoutes: true, reason: 'a test' }, port);
    expect(output).toEqual({ before: { useLegacyRoutes: true }, after: { useLegacyRoutes: true } });
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({
      host: '000000000000.cloudfront-kvs.global.api.aws',
      authorization: expect.stringMatching(/^AWS4-ECDSA-P256-SHA256 Credential=test\/\d{8}\/cloudfront-keyvaluestore\/aws4_request, /),
      'x-amz-region-set': '*',
      'x-amz-security-token': 'token',
    });
  });
});
