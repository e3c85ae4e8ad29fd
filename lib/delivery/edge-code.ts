import { readFileSync } from 'node:fs';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { EnvironmentStack } from '../environment-stack.ts';

export interface EdgeFunctionProps {
  /** `route-pages`: its name after the environment's. */
  readonly name: string;
  readonly comment: string;
  /** Files of lib/delivery/edge, put together in this order; the last has the handler. */
  readonly files: readonly string[];
  /** Put before the code, each as a constant. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** What the code reads as `cf.kvs()`. */
  readonly store?: cloudfront.IKeyValueStore;
}

/** A CloudFront Function, runtime 2.0, from files of lib/delivery/edge. */
export function edgeFunction(
  scope: Construct,
  id: string,
  { name, comment, files, constants = {}, store }: EdgeFunctionProps,
): cloudfront.Function {
  const code = [
    ...(store === undefined ? [] : [`import cf from 'cloudfront';`]), // must be the first line
    ...Object.entries(constants).map(([constant, value]) => `const ${constant} = ${JSON.stringify(value)};`),
    ...files.map((file) => withoutComments(readFileSync(new URL(`./edge/${file}.js`, import.meta.url), 'utf8'))),
  ].join('\n');
  return new cloudfront.Function(scope, id, {
    // The generated name does not tell environments apart, and is unique in the account.
    functionName: EnvironmentStack.of(scope).nameOf(name),
    runtime: cloudfront.FunctionRuntime.JS_2_0,
    code: cloudfront.FunctionCode.fromInline(code),
    comment,
    ...(store !== undefined && { keyValueStore: store }),
  });
}

/** The service counts comments: 10 KB hold code only. */
function withoutComments(code: string): string {
  return code.replaceAll(/^\s*\/\/.*\n/gm, '');
}

/** `10.1.0.0/16` as the edge compares it: the address as an unsigned number, and the prefix length. */
export function parseNetwork(cidr: string): [address: number, prefixLength: number] {
  const [address = '', prefixLength = ''] = cidr.split('/');
  return [address.split('.').reduce((number, part) => number * 256 + Number(part), 0), Number(prefixLength)];
}
