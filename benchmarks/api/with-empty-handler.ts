import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly } from '../../local/assembly/read-assembly.ts';
import type { Resource } from '../../local/assembly/template.ts';

const ASSET = 'empty.zip';
const CODE = `export const handler = async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' });\n`;
type Properties = Readonly<Record<string, unknown>>;

/** The assembly with one more function, which does nothing, behind the same distribution and API: `GET /api/empty`, in all else as `GET /api/rollout`. */
export function withEmptyHandler(assembly: Assembly, folder: string): Assembly {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), CODE);
  const find = (matches: (resource: Resource) => boolean, what: string) => {
    const found = assembly.resources.find(matches);
    if (found === undefined) throw new Error(`the assembly has no ${what}; expected the one that serves GET /api/rollout`);
    return found;
  };
  const reader = find(({ type, ref }) => type === 'AWS::Lambda::Function' && ref.endsWith('-read-rollout'), 'function');
  const route = find(({ type, properties }) => type.endsWith('::Route') && properties.RouteKey === 'GET /api/rollout', 'route');
  const integration = find(({ ref }) => route.properties.Target === `integrations/${ref}`, 'integration');
  const distribution = find(({ type }) => type === 'AWS::CloudFront::Distribution', 'distribution');

  const name = reader.ref.replace('read-rollout', 'empty');
  const arn = (reader.attributes.Arn ?? '').replace('read-rollout', 'empty');
  const config = distribution.properties.DistributionConfig as Properties & { readonly CacheBehaviors: readonly Properties[] };
  const behaviors = config.CacheBehaviors.flatMap((behavior) =>
    behavior.PathPattern === 'api/rollout' ? [behavior, { ...behavior, PathPattern: 'api/empty' }] : [behavior],
  );
  const changed: Resource = { ...distribution, properties: { DistributionConfig: { ...config, CacheBehaviors: behaviors } } };
  const added: readonly Resource[] = [
    { ...reader, logicalId: 'Empty', ref: name, attributes: { Arn: arn }, properties: { ...reader.properties, Code: { S3Key: ASSET } } },
    { ...integration, logicalId: 'EmptyIntegration', ref: 'empty', properties: { ...integration.properties, IntegrationUri: arn } },
    {
      ...route,
      logicalId: 'EmptyRoute',
      ref: 'emptyroute',
      properties: { ...route.properties, RouteKey: 'GET /api/empty', Target: 'integrations/empty' },
    },
  ];
  return {
    ...assembly,
    resources: [...assembly.resources.map((resource) => (resource === distribution ? changed : resource)), ...added],
    assetPath: (key) => (key === ASSET ? folder : assembly.assetPath(key)),
  };
}
