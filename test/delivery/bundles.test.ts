import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LambdaRuntime } from '../../local/lambda/lambda-runtime.ts';
import { STORE_ARN } from './distribution.ts';
import { startEdge } from './local-edge.ts';

const ARN = 'arn:aws:lambda:ap-northeast-2:000000000000:function:route-viewers';

/** Bundled as for the cloud, and run in the environment of a function. */
it('is a bundle that signs for all regions and reaches the store at the endpoint it is given', async () => {
  const { endpoint, held } = await startEdge();
  const folder = mkdtempSync(join(tmpdir(), 'videopick-route-viewers-'));
  execFileSync(process.execPath, ['lib/bundle-lambdas.ts', folder]);
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
  onTestFinished(async () => {
    await runtime.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const result = await runtime.invoke(ARN, { useLegacyRoutes: true, reason: 'a test' });
  expect(result.payload).toEqual({ before: { useLegacyRoutes: false }, after: { useLegacyRoutes: true } });
  expect(held.get('use_legacy_routes')).toBe('true');
  expect((await runtime.invoke(ARN, { useLegacyRoutes: 1 })).payload).toMatchObject({ errorType: 'InvalidInputError' });
});
