import type { Resource } from '../../local/assembly/template.ts';
import type { AppUnderTest } from './synthesized-app.ts';

/** What the tests read of a distribution's origins. */
export interface Origin {
  readonly Id: string;
  readonly DomainName: string;
  readonly OriginAccessControlId?: string;
  readonly S3OriginConfig?: unknown;
  readonly CustomOriginConfig?: unknown;
}

/** What the tests read of a cache behavior. */
export interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly ViewerProtocolPolicy: string;
  readonly ResponseHeadersPolicyId?: string;
  readonly AllowedMethods: readonly string[];
  readonly FunctionAssociations?: readonly { readonly EventType: string; readonly FunctionARN: string }[];
  readonly TrustedKeyGroups?: readonly string[];
  readonly CachePolicyId: string;
  readonly Compress?: boolean;
}

export interface DistributionConfig {
  readonly Origins: readonly Origin[];
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
}

export function distributionOf({ only }: AppUnderTest): DistributionConfig {
  return only('AWS::CloudFront::Distribution').properties.DistributionConfig as DistributionConfig;
}

/** Whether it leads to the apps' HTTP API. */
export const isApi = ({ DomainName }: Origin): boolean => DomainName.includes('.execute-api.');

/** The edge functions of a behavior: `viewer-request route-pages`. */
export function functionsOf({ FunctionAssociations = [] }: Behavior): readonly string[] {
  return FunctionAssociations.map(({ EventType, FunctionARN }) => `${EventType} ${FunctionARN.split('/videopick-dev-').at(-1)}`);
}

/** The headers that a behavior adds to its answers. */
export function headersPolicyOf({ resources }: AppUnderTest, behavior: Behavior | undefined): unknown {
  return resources('AWS::CloudFront::ResponseHeadersPolicy').find(({ ref }) => ref === behavior?.ResponseHeadersPolicyId)?.properties
    .ResponseHeadersPolicyConfig;
}

/** Whether a bucket holds the distribution's access logs: it is written by an access list, and forgets after a month. */
export const isLogs = ({ logicalId }: Resource): boolean => logicalId.startsWith('AccessLogs');
