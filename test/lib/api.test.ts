import { describe, expect, it } from 'vitest';
import { UPLOAD_ROUTES } from '../../lambdas/transcoding/uploads/answer-upload.ts';
import { distributionOf, isApi } from './distribution-config.ts';
import { useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all, only } = synthesized;

describe('delivery', () => {
  it('sends the app’s API a secret that its authorizer wants on every route, and nobody else knows', () => {
    const api = only('AWS::ApiGatewayV2::Api');
    const secret = all('AWS::SecretsManager::Secret').find(({ stack }) => stack.endsWith('-api'));
    const reference = `{{resolve:secretsmanager:${secret?.ref}:SecretString:::}}`;
    const [origin, ...others] = distributionOf(synthesized).Origins.filter(isApi);
    expect(others).toEqual([]);
    expect(origin).toMatchObject({
      DomainName: new URL(api.attributes.ApiEndpoint ?? '').host,
      OriginCustomHeaders: [{ HeaderName: 'x-videopick-origin', HeaderValue: reference }],
    });
    const authorizer = only('AWS::ApiGatewayV2::Authorizer');
    expect(authorizer.properties).toMatchObject({
      IdentitySource: ['$request.header.x-videopick-origin'],
      EnableSimpleResponses: true,
      AuthorizerPayloadFormatVersion: '2.0',
    });
    const authorize = all('AWS::Lambda::Function').find(({ ref }) => ref === 'videopick-dev-authorize-origin');
    expect(authorize?.properties.Environment).toMatchObject({ Variables: { ORIGIN_SECRET: reference } });
    expect(String(authorizer.properties.AuthorizerUri)).toContain(`${authorize?.attributes.Arn}/invocations`);
    const routes = all('AWS::ApiGatewayV2::Route').map(({ properties }) => properties);
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'DELETE /api/uploads/{id}',
      'GET /api/openapi.json',
      'GET /api/rollout',
      'GET /api/uploads/{id}',
      'GET /api/videos/{id}/stream',
      'POST /api/uploads',
      'POST /api/uploads/{id}/complete',
      'POST /api/uploads/{id}/parts',
    ]);
    for (const route of routes) expect(route).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: authorizer.ref });
  });

  it('throttles the app’s API, its uploads sooner, logs requests without addresses, and lets no other site read it', () => {
    const stage = only('AWS::ApiGatewayV2::Stage').properties;
    expect(stage).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 },
    });
    const settings = stage.RouteSettings as Readonly<Record<string, unknown>>;
    expect(Object.keys(settings).sort()).toEqual([...UPLOAD_ROUTES].sort());
    for (const route of Object.values(settings)) expect(route).toEqual({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
    const { Format: format } = stage.AccessLogSettings as { Format: string };
    expect(JSON.parse(format)).toMatchObject({ requestId: '$context.requestId', status: '$context.status' });
    expect(format).not.toMatch(/sourceIp|\.path|userAgent/);
    expect(only('AWS::ApiGatewayV2::Api').properties).not.toHaveProperty('CorsConfiguration');
  });
});
