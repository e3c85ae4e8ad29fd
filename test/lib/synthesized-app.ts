import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readEnvironment } from '../../config/index.ts';
import { composeStacks } from '../../lib/compose-stacks.ts';
import { type Assembly, readAssembly } from '../../local/assembly/read-assembly.ts';
import type { Resource } from '../../local/assembly/template.ts';

export interface SynthesizedApp {
  readonly app: App;
  /** The cloud assembly's folder. */
  readonly folder: string;
  /** With references resolved, so that ARNs read as text. */
  readonly assembly: Assembly;
  /** Resolved resources of one type, over all stacks. */
  resources(type: string): readonly Resource[];
  remove(): void;
}

/** The whole app of `dev`, with the context of `cdk.json`. Call `remove` in `afterAll`. */
export function synthesizeApp(): SynthesizedApp {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-synth-'));
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder, context });
  composeStacks(app, readEnvironment('dev'));
  app.synth();
  const assembly = readAssembly(folder);
  return {
    app,
    folder,
    assembly,
    resources: (type) => assembly.resources.filter((resource) => resource.type === type),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
