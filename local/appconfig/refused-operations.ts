import { matchPath } from './match-path.ts';

/**
 * What the service can and the stand-in does not: what the template makes is not made, changed or removed by calls, but for the pace of a
 * deployment strategy. Source: the API model.
 */
const REFUSED: readonly (readonly [method: string, path: string, operation: string])[] = [
  ['POST', '/applications', 'CreateApplication'],
  ['PATCH', '/applications/{A}', 'UpdateApplication'],
  ['DELETE', '/applications/{A}', 'DeleteApplication'],
  ['POST', '/applications/{A}/environments', 'CreateEnvironment'],
  ['PATCH', '/applications/{A}/environments/{E}', 'UpdateEnvironment'],
  ['DELETE', '/applications/{A}/environments/{E}', 'DeleteEnvironment'],
  ['POST', '/applications/{A}/configurationprofiles', 'CreateConfigurationProfile'],
  ['PATCH', '/applications/{A}/configurationprofiles/{P}', 'UpdateConfigurationProfile'],
  ['DELETE', '/applications/{A}/configurationprofiles/{P}', 'DeleteConfigurationProfile'],
  ['DELETE', '/applications/{A}/configurationprofiles/{P}/hostedconfigurationversions/{N}', 'DeleteHostedConfigurationVersion'],
  ['DELETE', '/deployementstrategies/{S}', 'DeleteDeploymentStrategy'], // the model spells it so
  ['GET', '/applications/{A}/environments/{E}/configurations/{C}', 'GetConfiguration (use StartConfigurationSession)'],
  ['GET', '/settings', 'GetAccountSettings'],
  ['PATCH', '/settings', 'UpdateAccountSettings'],
  ['GET', '/extensions', 'ListExtensions'],
  ['POST', '/extensions', 'CreateExtension'],
  ['GET', '/extensionassociations', 'ListExtensionAssociations'],
  ['POST', '/extensionassociations', 'CreateExtensionAssociation'],
  ['GET', '/tags/{R}', 'ListTagsForResource'],
  ['POST', '/tags/{R}', 'TagResource'],
  ['DELETE', '/tags/{R}', 'UntagResource'],
];

/** The name of an operation without stand-in; undefined for a path that AppConfig does not have. */
export function refusedOperation(method: string, path: string): string | undefined {
  return REFUSED.find(([refusedMethod, pattern]) => refusedMethod === method && matchPath(pattern, path) !== undefined)?.[2];
}
