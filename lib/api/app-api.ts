import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { OriginProtocolPolicy, OriginSslPolicy } from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ORIGIN_HEADER } from '../../lambdas/transcoding/uploads/is-from-origin.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';

/** Requests a second, and how many at once. */
export interface RouteThrottle {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** Five times what 200 requests a second for the rollout would be; the account's own limit is 10,000. */
const ALL_ROUTES: RouteThrottle = { ratePerSecond: 1_000, burst: 2_000 };

/** The service cuts an answer off at 30 s; a function answers before. */
export const ANSWER_WITHIN = Duration.seconds(29);

/** The HTTP API of the app: uploads, rollout, playback. Reached through the distribution alone, whose secret header it asks for. */
export class AppApi extends Construct {
  readonly #api: apigateway.HttpApi;
  readonly #secret: secretsmanager.Secret;
  readonly #authorizer: HttpLambdaAuthorizer;
  readonly #stage: apigateway.CfnStage;
  /** By route key, as CloudFormation spells them: it takes this property as it comes. */
  readonly #routeSettings: Record<string, { readonly ThrottlingRateLimit: number; readonly ThrottlingBurstLimit: number }> = {};

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    this.#secret = new secretsmanager.Secret(this, 'OriginSecret', {
      secretName: stack.nameOf('api-origin'),
      description: 'What the distribution sends to the API and nobody else knows',
      generateSecretString: { excludePunctuation: true, passwordLength: 64 },
    });
    this.#api = new apigateway.HttpApi(this, 'Api', {
      apiName: stack.nameOf('api'),
      description: 'Uploads, rollout and playback, behind the distribution',
      createDefaultStage: false,
    });
    this.#authorizer = this.#authorize();
    this.#stage = this.#defaultStage();
  }

  /** Of the metrics it is watched by. */
  get apiId(): string {
    return this.#api.apiId;
  }

  /** Has a function answer the routes of these keys (`GET /api/rollout`). `throttle`: of each of them; otherwise the API's own holds. */
  route(keys: readonly string[], handler: LambdaStep, throttle?: RouteThrottle): void {
    const integration = new HttpLambdaIntegration(handler.node.id, handler);
    for (const key of keys) {
      const [method = '', path = ''] = key.split(' ');
      const routes = this.#api.addRoutes({ path, methods: [method as apigateway.HttpMethod], integration, authorizer: this.#authorizer });
      if (throttle === undefined) continue;
      this.#routeSettings[key] = { ThrottlingRateLimit: throttle.ratePerSecond, ThrottlingBurstLimit: throttle.burst };
      this.#stage.node.addDependency(...routes); // a setting for a route that is not there is refused
    }
  }

  /** The origin of a distribution that may ask the API. */
  origin(): cloudfront.IOrigin {
    const { region, urlSuffix } = EnvironmentStack.of(this);
    return new origins.HttpOrigin(`${this.#api.apiId}.execute-api.${region}.${urlSuffix}`, {
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
      customHeaders: { [ORIGIN_HEADER]: this.#secret.secretValue.unsafeUnwrap() },
    });
  }

  #authorize(): HttpLambdaAuthorizer {
    const authorize = new LambdaStep(this, 'AuthorizeOrigin', {
      entry: 'transcoding/uploads/authorize-origin',
      environment: { ORIGIN_SECRET: this.#secret.secretValue.unsafeUnwrap() },
      timeout: Duration.seconds(5),
      memoryMb: 128,
    });
    return new HttpLambdaAuthorizer('Origin', authorize, {
      authorizerName: EnvironmentStack.of(this).nameOf('origin'),
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: [`$request.header.${ORIGIN_HEADER}`],
      resultsCacheTtl: Duration.minutes(5),
    });
  }

  #defaultStage(): apigateway.CfnStage {
    const format = {
      requestId: '$context.requestId',
      time: '$context.requestTime',
      route: '$context.routeKey',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      integrationError: '$context.integrationErrorMessage',
      authorizerError: '$context.authorizer.error',
    };
    const logGroup = new logs.LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/${EnvironmentStack.of(this).nameOf('api')}`,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.#api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: ALL_ROUTES.ratePerSecond, burstLimit: ALL_ROUTES.burst },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(logGroup),
        // Neither addresses nor paths: what is needed to see that it works.
        format: AccessLogFormat.custom(JSON.stringify(format)),
      },
    });
    const resource = stage.node.defaultChild as apigateway.CfnStage;
    resource.routeSettings = Lazy.any({ produce: () => this.#routeSettings });
    return resource;
  }
}
