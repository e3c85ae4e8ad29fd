import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { edgeFunction, parseNetwork } from './edge-code.ts';

/** The distribution's origin of LinkPick's site. */
export const LEGACY_ORIGIN_ID = 'legacy';

/** The viewer-request function of pages and the console's API: LinkPick's site, the new domain, or the console for operators. */
export function pageRouter(
  scope: Construct,
  id: string,
  { delivery, operatorNetworks }: Pick<Environment, 'delivery' | 'operatorNetworks'>,
  store: cloudfront.IKeyValueStore,
): cloudfront.Function {
  const { legacy, domains, oldDomains } = delivery;
  return edgeFunction(scope, id, {
    name: 'route-pages',
    comment: 'LinkPick while use_legacy_routes is on, old domains to the new, the console to operators',
    files: ['operators-only', 'route-pages'],
    constants: {
      NETWORKS: operatorNetworks.map(parseNetwork),
      LEGACY: legacy === undefined ? null : { originId: LEGACY_ORIGIN_ID, paths: legacy.paths },
      OLD_DOMAINS: oldDomains,
      NEW_DOMAIN: domains[0] ?? '',
    },
    store,
  });
}
