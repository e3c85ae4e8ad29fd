import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VIEWER_HOST_HEADER, VIEWER_IS_OPERATOR_HEADER } from '../../lambdas/rollout/api/read-stream.ts';
import type { Resource } from '../../local/assembly/template.ts';
import { EdgeFunction } from '../../local/cloudfront/edge-function.ts';
import { type SynthesizedApp, synthesizeApp } from '../lib/synthesized-app.ts';

let synthesized: SynthesizedApp;
/** As the template has it, of `dev`, whose operators are those of the loopback network. */
let resource: Resource;
let named: EdgeFunction;

beforeAll(() => {
  synthesized = synthesizeApp();
  const found = synthesized
    .resources('AWS::CloudFront::Function')
    .find(({ properties }) => properties.Name === 'videopick-dev-name-viewer-host');
  if (found === undefined) throw new Error('the app has no function videopick-dev-name-viewer-host');
  resource = found;
  named = new EdgeFunction(resource.properties);
});
afterAll(() => synthesized?.remove());

/** The headers that the API is sent for what a viewer sent. */
function sent(ip: string, headers: Readonly<Record<string, string>> = { host: 'videopick.example' }): Readonly<Record<string, string>> {
  const outcome = named.run({ method: 'GET', uri: '/api/videos/v1/stream', query: 'as=operator', headers, cookies: [], ip });
  if (!('request' in outcome)) throw new Error(`the function answered ${outcome.answer.status} itself; expected the request`);
  return outcome.request.headers;
}

describe('the function before the app’s API', () => {
  it.each([
    ['127.0.0.1', 'true'],
    ['127.255.255.255', 'true'],
    ['126.255.255.255', 'false'],
    ['128.0.0.0', 'false'],
    ['203.0.113.7', 'false'],
    ['::1', 'false'],
    ['::ffff:127.0.0.1', 'false'],
    ['127.0.0.1.example', 'false'],
    ['', 'false'],
  ])('says of a viewer at %j that it is an operator: %s', (ip, isOperator) => {
    expect(sent(ip)).toEqual({
      host: 'videopick.example',
      [VIEWER_HOST_HEADER]: 'videopick.example',
      [VIEWER_IS_OPERATOR_HEADER]: isOperator,
    });
  });

  it.each([
    ['true', '203.0.113.7', 'false'],
    ['false', '127.0.0.1', 'true'],
    ['true, true', '203.0.113.7', 'false'],
  ])('replaces %j that a viewer at %s claims by %s', (claimed, ip, isOperator) => {
    const headers = { host: 'videopick.example', [VIEWER_IS_OPERATOR_HEADER]: claimed, [VIEWER_HOST_HEADER]: 'evil.example' };
    expect(sent(ip, headers)).toMatchObject({ [VIEWER_IS_OPERATOR_HEADER]: isOperator, [VIEWER_HOST_HEADER]: 'videopick.example' });
  });

  it('names no host where the viewer typed none', () => {
    expect(sent('127.0.0.1', {})).toEqual({ [VIEWER_HOST_HEADER]: '', [VIEWER_IS_OPERATOR_HEADER]: 'true' });
  });
});

interface Behavior {
  readonly PathPattern: string;
  readonly TargetOriginId: string;
  readonly FunctionAssociations?: readonly { readonly EventType: string; readonly FunctionARN: string }[];
}

it('stands before every path that leads to the API, where operators alone are not let in', () => {
  const [distribution] = synthesized.resources('AWS::CloudFront::Distribution');
  if (distribution === undefined) throw new Error('the app has no distribution');
  const { CacheBehaviors } = distribution.properties.DistributionConfig as { CacheBehaviors: readonly Behavior[] };
  const functions = synthesized.resources('AWS::CloudFront::Function');
  const functionBefore = ({ FunctionAssociations = [] }: Behavior) => {
    const arn = FunctionAssociations.find(({ EventType }) => EventType === 'viewer-request')?.FunctionARN;
    return functions.find(({ attributes }) => attributes.FunctionARN === arn)?.properties.Name;
  };
  const api = CacheBehaviors.find(({ PathPattern }) => PathPattern === 'api/rollout')?.TargetOriginId;
  const toApi = CacheBehaviors.filter(({ TargetOriginId }) => TargetOriginId === api);
  expect(Object.fromEntries(toApi.map((behavior) => [behavior.PathPattern, functionBefore(behavior)]))).toEqual({
    'api/rollout': 'videopick-dev-name-viewer-host',
    'api/videos/*': 'videopick-dev-name-viewer-host',
    'api/openapi.json': 'videopick-dev-name-viewer-host',
    'api/uploads*': 'videopick-dev-operators-only',
  });
});
