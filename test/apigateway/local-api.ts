import type { Invoke } from '../../local/apigateway/authorizer.ts';
import { HttpApi } from '../../local/apigateway/http-api.ts';
import type { ApiRequest } from '../../local/apigateway/request-event.ts';
import type { Resource } from '../../local/assembly/template.ts';

type Properties = Readonly<Record<string, unknown>>;

export const HANDLER_ARN = 'arn:aws:lambda:ap-northeast-2:000000000000:function:handler';
export const AUTHORIZER_ARN = 'arn:aws:lambda:ap-northeast-2:000000000000:function:authorizer';
const API_ID = 'abcde12345';

export interface ApiTemplate {
  readonly routes: readonly string[];
  readonly api?: Properties;
  readonly integration?: Properties;
  readonly route?: Properties;
  readonly stage?: Properties;
  /** None by default. */
  readonly authorizer?: Properties;
}

/** The resources CDK would make of an HTTP API with one function behind all its routes. */
export function apiResources({ routes, api = {}, integration = {}, route = {}, stage = {}, authorizer }: ApiTemplate): {
  readonly api: Resource;
  readonly resources: readonly Resource[];
} {
  const make = (type: string, ref: string, properties: Properties): Resource => ({
    ...{ stack: 'one', logicalId: ref, type: `AWS::ApiGatewayV2::${type}`, ref, attributes: {} },
    properties: { ...(type === 'Api' ? {} : { ApiId: API_ID }), ...properties },
  });
  const guarded = authorizer === undefined ? { AuthorizationType: 'NONE' } : { AuthorizationType: 'CUSTOM', AuthorizerId: 'authorizer' };
  return {
    api: make('Api', API_ID, { Name: 'api', ProtocolType: 'HTTP', ...api }),
    resources: [
      make('Integration', 'integration', {
        ...{ IntegrationType: 'AWS_PROXY', IntegrationUri: HANDLER_ARN, PayloadFormatVersion: '2.0' },
        ...integration,
      }),
      ...routes.map((RouteKey, index) =>
        make('Route', `route${index}`, { RouteKey, Target: 'integrations/integration', ...guarded, ...route }),
      ),
      make('Stage', '$default', { StageName: '$default', AutoDeploy: true, ...stage }),
      ...(authorizer === undefined
        ? []
        : [
            make('Authorizer', 'authorizer', {
              ...{ Name: 'origin', AuthorizerType: 'REQUEST', AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true },
              AuthorizerUri: `arn:aws:apigateway:ap-northeast-2:lambda:path/2015-03-31/functions/${AUTHORIZER_ARN}/invocations`,
              IdentitySource: ['$request.header.x-origin'],
              ...authorizer,
            }),
          ]),
    ],
  };
}

export function startApi(template: ApiTemplate, invoke: Invoke, onError: (error: unknown) => void = () => {}): HttpApi {
  return new HttpApi({ ...apiResources(template), region: 'ap-northeast-2', accountId: '000000000000', invoke, onError });
}

export function apiRequest(overrides: Partial<ApiRequest> = {}): ApiRequest {
  return { method: 'GET', path: '/', query: '', headers: {}, cookies: [], sourceIp: '127.0.0.1', body: Buffer.alloc(0), ...overrides };
}
