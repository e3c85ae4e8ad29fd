import { z } from 'zod';
import type { ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { badRequest, unsupported } from './errors.ts';
import { matchPath } from './match-path.ts';
import type { Deployment, Environment } from './model.ts';
import { createHostedConfigurationVersion, getDeployment, numberOf, startDeployment, stopDeployment } from './operations.ts';
import { refusedOperation } from './refused-operations.ts';
import type { Store } from './store.ts';
import { StrategyChange, StrategyProperties } from './strategy-properties.ts';
import { validateContent } from './validate-content.ts';
import { describeDeploymentSummary, describeProfileSummary, describeVersion, page, readBody, versionHeaders } from './wire.ts';

type Answer = (store: Store, request: ServiceRequest, ...ids: string[]) => ServiceResponse;
type Route = readonly [method: string, path: string, answer: Answer];

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
      const { contentBase64 } = store.version(p, query.get('configuration_version') ?? '');
      validateContent(store.profile(a, p), Buffer.from(contentBase64, 'base64'));
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
  ['PATCH', '/deploymentstrategies/{S}', (store, request, s) => ({ body: store.changeStrategy(s, readBody(StrategyChange, request)) })],
  [
    'POST',
    `${E}/deployments`,
    (store, request, ApplicationId, EnvironmentId) => {
      const body = readBody(z.looseObject({}), request);
      return { status: 201, body: startDeployment(store, { ...body, ApplicationId, EnvironmentId }) };
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
  ['GET', `${E}/deployments/{N}`, (store, _, a, e, n) => ({ body: getDeployment(store, deploymentOf(a, e, n)) })],
  [
    'DELETE',
    `${E}/deployments/{N}`,
    (store, { headers }, a, e, n) => {
      const input = { ...deploymentOf(a, e, n), AllowRevert: headers['allow-revert'] === 'true' };
      return { status: 202, body: stopDeployment(store, input) };
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
  const { VersionNumber: number } = createHostedConfigurationVersion(store, {
    ApplicationId: a,
    ConfigurationProfileId: p,
    Content: body,
    ContentType: contentType,
    Description: header('description'),
    VersionLabel: header('versionlabel'),
    LatestVersionNumber: numberOf(header('latest-version-number'), 'Latest-Version-Number'),
  });
  return { status: 201, headers: versionHeaders(profile, store.version(p, String(number))), body };
}

function deploymentOf(ApplicationId: string | undefined, EnvironmentId: string | undefined, number: string | undefined) {
  return { ApplicationId, EnvironmentId, DeploymentNumber: numberOf(number, 'DeploymentNumber') };
}

function deployed(store: Store, applicationId: string, { profileId, version }: Deployment) {
  return { profile: store.profile(applicationId, profileId), label: store.version(profileId, String(version)).label };
}

/** An environment's state is that of its latest deployment. */
function describeEnvironment(store: Store, environment: Environment) {
  const latest = store.deployments(environment.Id).at(-1);
  const state = latest && store.stateOf(latest);
  const busy = state === 'BAKING' ? 'DEPLOYING' : state;
  return { ...environment, State: busy === undefined || busy === 'COMPLETE' ? 'READY_FOR_DEPLOYMENT' : busy };
}
