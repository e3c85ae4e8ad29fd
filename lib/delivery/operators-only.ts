import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { edgeFunction, parseNetwork } from './edge-code.ts';

/** A viewer-request function that lets the given IPv4 networks pass and answers 403 to everyone else, and to commands of other sites. */
export function operatorsOnly(scope: Construct, id: string, networks: readonly string[]): cloudfront.Function {
  return edgeFunction(scope, id, {
    name: 'operators-only',
    comment: 'Uploads are for the networks of the operators',
    files: ['operators-only', 'admit-operators'],
    constants: { NETWORKS: networks.map(parseNetwork) },
  });
}
