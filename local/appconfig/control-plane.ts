import { z } from 'zod';
import type { ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { badRequest, unsupported } from './errors.ts';
import { matchPath } from './match-path.ts';
import type { Deployment, Environment } from './model.ts';
import { refusedOperation } from './refused-operations.ts';
import type { Store } from './store.ts';
import { StrategyProperties } from './strategy-properties.ts';
import { validateContent } from './validate-content.ts';
import {
  describeDeployment,
  describeDeploymentSummary,
  describeProfileSummary,
  describeVersion,
  page,
  readBody,
  versionHeaders,
} from './wire.ts';

type Answer = (store: Store, request: ServiceRequest, ...ids: string[]) => ServiceResponse;
type Route = readonly [method: string, path: string, answer: Answer];

const StartDeploymentBody = z.strictObject({
  DeploymentStrategyId: z.string().min(1),
  ConfigurationProfileId: z.string().min(1),
  ConfigurationVersion: z.string().min(1),
  Description: z.string().max(1024).optional(),
  Tags: z.unknown().optional(),
});

const A = '/applications/{A}';
const E = `${A}/environments/{E}`;
const P = `${A}/configurationprofiles/{P}`;

/** Source: the API model, 2019-10-09. */
const ROUTES: readonly Route[] = [
  ['GET', '/applications', (store, { query }) => ({ body: page(store.declared.applications, query) })],
  ['GET', A, (store, _, a) => ({ body: store.application(a) })],
  [
    'GET',
    `${A}/environments`,
    (store, { query }, a) => {
      const { Id } = store.application(a);
      const environments = store.declared.environments.filter(({ ApplicationId }) => ApplicationId === Id);
      return {
        body: page(
          environments.map((environment) => describeEnvironment(store, environment)),
          query,
        ),
      };
    },
  ],
  ['GET', E, (store, _, a, e) => ({ body: describeEnvironment(store, store.environment(a, e)) })],
  [
    'GET',
    `${A}/configurationprofiles`,
    (store, { query }, a) => {
      const { Id } = store.application(a);
      const type = query.get('type');
      const profiles = store.declared.profiles.filter(
        ({ ApplicationId, Type }) => ApplicationId === Id && (type === null || type === Type),
      );
      const paging = new URLSearchParams(query);
      paging.delete('type');
      return { body: page(profiles.map(describeProfileSummary), paging) };
    },
  ],
  ['GET', P, (store, _, a, p) => ({ body: store.profile(a, p) })],
  ['POST', `${P}/hostedconfigurationversions`, createVersion],
  [
    'GET',
    `${P}/hostedconfigurationversions`,
    (store, { query }, a, p) => {
      const profile = store.profile(a, p);
      const label = query.get('version_label');
      const versions = store.versions(p).filter((version) => label === null || version.label === label);
      const paging = new URLSearchParams(query);
      paging.delete('version_label');
      return {
        body: page(
          versions.toReversed().map((version) => describeVersion(profile, version)),
          paging,
        ),
      };
    },
  ],
  [
    'GET',
    `${P}/hostedconfigurationversions/{N}`,
    (store, _, a, p, n) => {
      const profile = store.profile(a, p);
      const version = store.version(p, n);
      return { headers: versionHeaders(profile, version), body: Buffer.from(version.contentBase64, 'base64') };
    },
  ],
  [
    'POST',
    `${P}/validators`,
    (store, { query }, a, p) => {
      validateContent(store.profile(a, p), store.version(p, query.get('configuration_version') ?? ''));
      return { status: 204 };
    },
  ],
  [
    'POST',
    '/deploymentstrategies',
    (store, request) => {
      const { Tags: _, ...strategy } = readBody(StrategyProperties, request);
      return { status: 201, body: store.addStrategy(strategy) };
    },
  ],
  ['GET', '/deploymentstrategies', (store, { query }) => ({ body: page(store.strategies(), query) })],
  ['GET', '/deploymentstrategies/{S}', (store, _, s) => ({ body: store.strategy(s) })],
  [
    'POST',
    `${E}/deployments`,
    (store, request, a, e) => {
      store.environment(a, e);
      const body = readBody(StartDeploymentBody, request);
      const profile = store.profile(a, body.ConfigurationProfileId);
      const deployment = store.startDeployment(profile, {
        environmentId: e,
        profileId: profile.Id,
        strategyId: body.DeploymentStrategyId,
        version: body.ConfigurationVersion,
        description: body.Description,
      });
      return { status: 201, body: describe(store, a, e, deployment) };
    },
  ],
  [
    'GET',
    `${E}/deployments`,
    (store, { query }, a, e) => {
      store.environment(a, e);
      const summaries = store.deployments(e).map((deployment) => {
        const { profile, label } = deployed(store, a, deployment);
        return describeDeploymentSummary(deployment, profile, label, store.now());
      });
      return { body: page(summaries.toReversed(), query) };
    },
  ],
  [
    'GET',
    `${E}/deployments/{N}`,
    (store, _, a, e, n) => {
      store.environment(a, e);
      return { body: describe(store, a, e, store.deployment(e, n)) };
    },
  ],
  [
    'DELETE',
    `${E}/deployments/{N}`,
    (store, { headers }, a, e, n) => {
      store.environment(a, e);
      return { status: 202, body: describe(store, a, e, store.stopDeployment(e, n, headers['allow-revert'] === 'true')) };
    },
  ],
];

/** @throws {AwsError} what the service would refuse, and by name every operation that is not among the routes */
export function answerControlPlane(store: Store, request: ServiceRequest): ServiceResponse {
  for (const [method, path, answer] of ROUTES) {
    const ids = method === request.method ? matchPath(path, request.path) : undefined;
    if (ids !== undefined) return answer(store, request, ...ids);
  }
  throw unsupported(refusedOperation(request.method, request.path) ?? `AppConfig's ${request.method} ${request.path}`);
}

function createVersion(store: Store, { headers, body }: ServiceRequest, a = '', p = ''): ServiceResponse {
  const profile = store.profile(a, p);
  const header = (name: string) => headers[name]?.toString();
  const contentType = header('content-type');
  if (contentType === undefined || contentType === '')
    throw badRequest('the header Content-Type is missing; expected the type of the document');
  const latest = header('latest-version-number');
  const version = store.addVersion(p, {
    content: body,
    contentType,
    description: header('description'),
    label: header('versionlabel'),
    latestKnown: latest === undefined ? undefined : Number(latest),
  });
  return { status: 201, headers: versionHeaders(profile, version), body };
}

function describe(store: Store, applicationId: string, environmentId: string, deployment: Deployment) {
  const { profile, label } = deployed(store, applicationId, deployment);
  return describeDeployment(deployment, environmentId, profile, label, store.now());
}

function deployed(store: Store, applicationId: string, { profileId, version }: Deployment) {
  return { profile: store.profile(applicationId, profileId), label: store.version(profileId, String(version)).label };
}

/** An environment's state is that of its latest deployment. */
function describeEnvironment(store: Store, environment: Environment) {
  const latest = store.deployments(environment.Id).at(-1);
  const state = latest && store.stateOf(latest);
  const busy = state === 'BAKING' ? 'DEPLOYING' : state;
  return { ...environment, State: busy === undefined || busy === 'COMPLETE' ? 'READY_FOR_DEPLOYMENT' : busy, Monitors: [] };
}
