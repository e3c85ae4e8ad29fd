import { readFileSync } from 'node:fs';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { EnvironmentStack } from '../environment-stack.ts';

/** A viewer-request function that lets the given IPv4 networks pass and answers 403 to everyone else, and to commands of other sites. */
export function operatorsOnly(scope: Construct, id: string, networks: readonly string[]): cloudfront.Function {
  const code = readFileSync(new URL('./operators-only.js', import.meta.url), 'utf8');
  return new cloudfront.Function(scope, id, {
    // The generated name does not tell environments apart, and is unique in the account.
    functionName: EnvironmentStack.of(scope).nameOf('operators-only'),
    runtime: cloudfront.FunctionRuntime.JS_2_0,
    code: cloudfront.FunctionCode.fromInline(`const NETWORKS = ${JSON.stringify(networks.map(parseNetwork))};\n${code}`),
    comment: 'The console is for the networks of the operators',
  });
}

function parseNetwork(cidr: string): [address: number, prefixLength: number] {
  const [address = '', prefixLength = ''] = cidr.split('/');
  return [address.split('.').reduce((number, part) => number * 256 + Number(part), 0), Number(prefixLength)];
}
