import type { S3Client } from '@aws-sdk/client-s3';
import { HttpApi } from '../apigateway/http-api.ts';
import type { Placement } from '../assembly/template.ts';
import { CloudFront, type Origin } from '../cloudfront/cloudfront.ts';
import type { EdgeStore } from '../cloudfront/edge-store.ts';
import { linkPickPage } from '../cloudfront/linkpick-page.ts';
import type { TrustedKeys } from '../cloudfront/signed-cookies.ts';
import { UserError } from '../errors.ts';
import type { LambdaRuntime } from '../lambda/lambda-runtime.ts';
import type { Specs } from './specs.ts';

export interface WebOptions {
  readonly lambda: LambdaRuntime;
  readonly s3: S3Client;
  readonly placement: Placement;
  /** By ARN. */
  readonly keyValueStores: ReadonlyMap<string, EdgeStore>;
  /** Public keys, PEM by key id, that are trusted in place of the template's: those whose private half is on this machine. */
  readonly ownKeys: ReadonlyMap<string, string>;
  /** Told of every request that an HTTP API has answered. */
  readonly onApiAnswer: (answer: { apiId: string; status: number; latencyMs: number }) => void;
  readonly onError: (error: unknown) => void;
}

/** Names that lead nowhere (RFC 2606): a site that an environment without one has named. */
const NOWHERE = /\.example$/;

/** The web server that plays the assembly's one distribution, with its origins found among the assembly's buckets, function URLs and HTTP APIs. */
export function webServer(specs: Specs, { lambda, s3, placement, onApiAnswer, onError, ...options }: WebOptions): CloudFront {
  const [distribution, ...others] = specs.resources('AWS::CloudFront::Distribution');
  if (distribution === undefined || others.length > 0) {
    throw new UserError(
      `the assembly has ${others.length + (distribution === undefined ? 0 : 1)} distributions; the laptop's one port plays exactly one`,
    );
  }
  const byRef = (type: string) => new Map(specs.resources(type).map(({ ref, properties }) => [ref, properties]));
  const origins = new Map<string, Origin>();
  for (const { ref, attributes } of specs.resources('AWS::S3::Bucket')) {
    origins.set(attributes.RegionalDomainName ?? ref, { kind: 's3', bucket: ref });
  }
  for (const { ref, attributes } of specs.resources('AWS::Lambda::Url')) {
    origins.set(new URL(attributes.FunctionUrl ?? '').host, { kind: 'function', invoke: (event) => invoke(lambda, ref, event) });
  }
  const ofApis = ['Route', 'Integration', 'Authorizer', 'Stage'].flatMap((type) => specs.resources(`AWS::ApiGatewayV2::${type}`));
  for (const api of specs.resources('AWS::ApiGatewayV2::Api')) {
    const httpApi = new HttpApi({
      ...placement,
      api,
      resources: ofApis,
      invoke: (functionArn, event, signal) => invoke(lambda, functionArn, event, signal),
      onError,
    });
    origins.set(new URL(api.attributes.ApiEndpoint ?? '').host, {
      kind: 'api',
      ask: async (request) => {
        const startedMs = performance.now();
        const response = await httpApi.handle(request);
        onApiAnswer({ apiId: api.ref, status: response.status, latencyMs: performance.now() - startedMs });
        return response;
      },
    });
  }
  return new CloudFront({
    distribution: distribution.properties,
    responseHeadersPolicies: byRef('AWS::CloudFront::ResponseHeadersPolicy'),
    functions: byRef('AWS::CloudFront::Function'),
    keyValueStores: options.keyValueStores,
    keyGroups: keyGroups(specs, options.ownKeys),
    origins: (domainName) => {
      const origin = origins.get(domainName) ?? (NOWHERE.test(domainName) ? LINKPICK : undefined);
      if (origin === undefined)
        throw new UserError(
          `the distribution's origin ${domainName} is no bucket, function URL or HTTP API of the assembly, and no name that ends in .example`,
        );
      return origin;
    },
    s3,
    onError,
  });
}

const LINKPICK: Origin = { kind: 'http', ask: linkPickPage };

/** The template's key groups with their public keys. */
function keyGroups(specs: Specs, ownKeys: ReadonlyMap<string, string>): ReadonlyMap<string, TrustedKeys> {
  const declared = specs.resources('AWS::CloudFront::PublicKey').map(({ ref, properties }) => {
    const { EncodedKey: pem } = properties.PublicKeyConfig as { readonly EncodedKey: string };
    return [ref, ownKeys.get(ref) ?? pem] as const;
  });
  const keys = new Map(declared);
  return new Map(
    specs.resources('AWS::CloudFront::KeyGroup').map(({ ref, properties }) => {
      const { Items: ids } = properties.KeyGroupConfig as { readonly Items: readonly string[] };
      return [ref, new Map(ids.map((id) => [id, keys.get(id) ?? '']))];
    }),
  );
}

/** A function URL answers 502 when its function fails, an API 500; both make that of an error. */
async function invoke(lambda: LambdaRuntime, functionArn: string, event: unknown, signal?: AbortSignal): Promise<unknown> {
  const result = await lambda.invoke(functionArn, event, { signal });
  if (result.functionError !== undefined) throw new Error(`${functionArn}: ${result.payload.errorType}: ${result.payload.errorMessage}`);
  return result.payload;
}
