import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll } from 'vitest';
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

/**
 * Holds what a file's syntheses write. The bundles, which the first one makes and the others share, remove themselves when their process exits;
 * vitest ends its workers before that.
 */
const scratch = mkdtempSync(join(tmpdir(), 'videopick-synth-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The whole app of an environment, with the context of `cdk.json`. It is gone after the file's last test, or after `remove`. */
export function synthesizeApp(environment = 'dev'): SynthesizedApp {
  const folder = mkdtempSync(join(scratch, `${environment}-`));
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder, context });
  inScratch(() => {
    composeStacks(app, readEnvironment(environment));
    app.synth();
  });
  const assembly = readAssembly(folder);
  return {
    app,
    folder,
    assembly,
    resources: (type) => assembly.resources.filter((resource) => resource.type === type),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Lets `work`, which does not wait for anything, take `scratch` for the system's temporary directory. */
function inScratch(work: () => void): void {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = scratch;
  try {
    work();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** The app of `dev` as all tests of one file see it. */
export interface AppUnderTest extends Pick<SynthesizedApp, 'app' | 'assembly' | 'resources'> {
  /** The resource of a type that the app has once. @throws when it has none, or several */
  only(type: string): Resource;
}

/** Has the app synthesized once, before the first test of the file that calls this at its head. Read it inside tests. */
export function useSynthesizedApp(): AppUnderTest {
  let synthesized: SynthesizedApp | undefined;
  beforeAll(() => {
    synthesized = synthesizeApp();
  });
  const current = () => {
    if (synthesized === undefined) throw new Error('the app is not synthesized before the tests begin; read it inside one');
    return synthesized;
  };
  return {
    get app() {
      return current().app;
    },
    get assembly() {
      return current().assembly;
    },
    resources: (type) => current().resources(type),
    only: (type) => {
      const [resource, ...others] = current().resources(type);
      if (resource === undefined || others.length > 0)
        throw new Error(`${others.length + (resource ? 1 : 0)} resources of type ${type}, expected one`);
      return resource;
    },
  };
}

/** How a failed expectation names a resource. */
export const named = ({ stack, logicalId }: Resource): string => `${stack}/${logicalId}`;

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal?: unknown;
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

/** What a policy says, of a bucket or a role. */
export function statementsOf({ properties }: Resource): readonly Statement[] {
  return (properties.PolicyDocument as { Statement: readonly Statement[] }).Statement;
}
