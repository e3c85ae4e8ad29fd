import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resolver } from './resolver.ts';
import type { Placement, Resource, Stack, Template } from './template.ts';

/** The cloud assembly as it would stand after a deploy. */
export interface Assembly {
  readonly placement: Placement;
  readonly resources: readonly Resource[];
  /** Stack outputs by name; names are unique over all stacks. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The file or folder of an asset, from a resource's `S3Key`. @throws when the assembly has no such asset */
  assetPath(objectKey: string): string;
}

/** Reads a `cdk.out` folder and resolves every template. Account: one that cannot exist, so that nothing is taken for real. */
export function readAssembly(folder: string, accountId = '000000000000'): Assembly {
  const { stacks, region } = readStacks(folder);
  const placement = { region, accountId };
  const resolver = new Resolver(stacks, placement);
  const assets = new Map(stacks.flatMap((stack) => [...stack.assets]));
  return {
    placement,
    resources: resolver.resources(),
    outputs: resolver.outputs(),
    assetPath(objectKey) {
      const asset = assets.get(objectKey);
      if (asset === undefined) throw new Error(`the assembly in ${folder} has no asset "${objectKey}"; synthesize it again`);
      return asset;
    },
  };
}

interface Manifest {
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: { readonly templateFile?: string; readonly file?: string; readonly stackName?: string };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      { readonly source: { readonly path: string }; readonly destinations: Readonly<Record<string, { readonly objectKey: string }>> }
    >
  >;
}

function readStacks(folder: string): { stacks: readonly Stack[]; region: string } {
  const manifest = readJson<Manifest>(folder, 'manifest.json');
  const artifacts = Object.entries(manifest.artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  // aws://account/region, the same for all stacks of an environment
  const region = artifacts[0]?.[1].environment?.split('/').at(-1);
  if (region === undefined) throw new Error(`the assembly in ${folder} has no stack; expected those that bin/videopick.ts composes`);
  const stacks = artifacts.map(([id, { properties }]) => ({
    name: properties?.stackName ?? id,
    template: readJson<Template>(folder, properties?.templateFile ?? `${id}.template.json`),
    assets: readAssets(folder, manifest.artifacts[`${id}.assets`]?.properties?.file),
  }));
  return { stacks, region };
}

function readAssets(folder: string, file: string | undefined): ReadonlyMap<string, string> {
  if (file === undefined) return new Map();
  const { files = {} } = readJson<AssetManifest>(folder, file);
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, join(folder, source.path)] as const),
    ),
  );
}

function readJson<T>(folder: string, file: string): T {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;
}
