import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Specs } from '../../local/cloud/specs.ts';
import { named, statementsOf, useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all } = synthesized;

/** Names that bundled CommonJS imports without the prefix. */
const NODE_MODULES = new Set([
  'buffer',
  'crypto',
  'fs',
  'fs/promises',
  'http',
  'http2',
  'https',
  'module',
  'os',
  'path',
  'process',
  'stream',
  'url',
  'util',
]);

describe('functions', () => {
  /** CDK makes it to serve the deploy; its code and settings are CDK's. */
  const ours = () => all('AWS::Lambda::Function').filter(({ logicalId }) => !logicalId.startsWith('AWSCDKTriggerCustomResourceProvider'));

  it('are all there, and one alone is not ours', () => {
    expect(
      ours()
        .map(({ ref }) => ref.replace('videopick-dev-', ''))
        .sort(),
    ).toEqual([
      'apply-schema',
      'authorize-origin',
      'catch-up',
      'check-gates',
      'check-output',
      'close-rollout',
      'close-run',
      'console',
      'control-migration',
      'copy-entity',
      'describe-api',
      'fail-upload',
      'hide-videos',
      'inspect-upload',
      'judge-failure',
      'note-encoded',
      'open-rollout',
      'open-run',
      'plan-migration',
      'plan-rollout',
      'publish-video',
      'read-rollout',
      'read-stream',
      'record-progress',
      'release-rollout',
      'route-viewers',
      'store-version',
      'sweep-videos',
      'upload-api',
      'verify-entity',
    ]);
    expect(all('AWS::Lambda::Function').length - ours().length).toBe(1);
  });

  it('run on Node 24 and arm64, outside the network, with JSON logs in a group of their own that ends', () => {
    const groups = new Map(all('AWS::Logs::LogGroup').map((group) => [group.ref, group]));
    for (const fn of ours()) {
      const { LoggingConfig: logging, ...properties } = fn.properties as { LoggingConfig: { LogGroup: string; LogFormat: string } };
      expect(properties, fn.ref).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(properties, fn.ref).not.toHaveProperty('VpcConfig');
      expect(logging).toEqual({ LogFormat: 'JSON', LogGroup: `/aws/lambda/${fn.ref}` });
      expect(groups.get(logging.LogGroup)?.properties.RetentionInDays, fn.ref).toBe(90);
    }
  });

  it('are ESM bundles that bring everything they import but what Node has', () => {
    for (const { name, codeDir } of new Specs(synthesized.assembly).functions()) {
      const code = readFileSync(join(codeDir, 'index.mjs'), 'utf8');
      expect(code, name).toMatch(/export\s*\{[^}]*\bhandler\b/);
      const imported = [...code.matchAll(/(?:^|[;}])import\s*(?:[\w$*{},\s]+?from\s*)?["']([^"']+)["']/gm)].map(
        ([, module]) => module ?? '',
      );
      expect(imported.length, name).toBeGreaterThan(0);
      expect(
        imported.filter((module) => !module.startsWith('node:') && !NODE_MODULES.has(module)),
        name,
      ).toEqual([]);
    }
  });

  /** It compares what the distribution sends, which has the secret in its configuration as well: docs/decisions/0015-uploads.md. */
  const HOLDS_ITS_SECRET = 'videopick-dev-authorize-origin';

  const NEED_NO_DATABASE = ['check-output', 'describe-api', 'judge-failure', 'read-rollout', 'route-viewers'].map(
    (name) => `videopick-dev-${name}`,
  );

  it('hold no secret in their environment, only its ARN; the origin’s authorizer holds nothing else', () => {
    const functions = new Specs(synthesized.assembly).functions();
    expect(Object.keys(functions.find(({ name }) => name === HOLDS_ITS_SECRET)?.environment ?? {})).toEqual([
      'ORIGIN_SECRET',
      'NODE_OPTIONS',
      'POWERTOOLS_SERVICE_NAME',
      'POWERTOOLS_METRICS_NAMESPACE',
    ]);
    for (const { name, environment } of functions.filter(({ name }) => name !== HOLDS_ITS_SECRET)) {
      if (NEED_NO_DATABASE.includes(name)) expect(environment, name).not.toHaveProperty('SECRET_ARN');
      else expect(environment.SECRET_ARN, name).toMatch(/^arn:aws:secretsmanager:/);
      expect(JSON.stringify(environment), name).not.toMatch(/password|\{\{resolve/i);
    }
  });
});

describe('state machines', () => {
  it('have every name of their definition filled, and no name too many', () => {
    for (const machine of all('AWS::StepFunctions::StateMachine')) {
      const location = machine.properties.DefinitionS3Location as { readonly Key: string };
      const definition = readFileSync(synthesized.assembly.assetPath(location.Key), 'utf8');
      const wanted = [...definition.matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name);
      const given = Object.entries(machine.properties.DefinitionSubstitutions as Record<string, string>);
      expect(wanted.length, machine.ref).toBeGreaterThan(0);
      expect(new Set(given.map(([name]) => name)), machine.ref).toEqual(new Set(wanted));
      // AppConfig's ids, and names of alarms, have no ARN where they are asked for.
      for (const [name, value] of given) expect(value, name).toMatch(name.endsWith('Arn') ? /^arn:aws:(lambda|iam|sns):/ : /^[\w-]+$/);
    }
  });

  it('are each from its file in statemachines/', () => {
    const files = readdirSync(new URL('../../statemachines/', import.meta.url));
    const machines = all('AWS::StepFunctions::StateMachine').map(
      ({ attributes }) => `${attributes.Name?.replace('videopick-dev-', '')}.asl.json`,
    );
    expect(machines.sort()).toEqual(files.sort());
  });

  it('may invoke exactly the functions that their definition names', () => {
    for (const machine of new Specs(synthesized.assembly).machines()) {
      const roleName = machine.roleArn.split('/').at(-1);
      const granted = all('AWS::IAM::Policy')
        .filter(({ properties }) => (properties.Roles as readonly string[]).includes(roleName ?? ''))
        .flatMap(statementsOf)
        .filter(({ Action: actions }) => [actions].flat().includes('lambda:InvokeFunction'))
        .flatMap(({ Resource: resources }) => [resources].flat());
      const called = JSON.stringify(machine.definition).match(/arn:aws:lambda:[^"]+/g) ?? [];
      expect(new Set(granted.map((arn) => arn.replace(/:\*$/, ''))), machine.name).toEqual(new Set(called));
    }
  });
});

describe('what starts by itself', () => {
  it('is four schedules, each checked with its capability', () => {
    expect(all('AWS::Scheduler::Schedule')).toHaveLength(4);
  });
});

it('names what has a name after its environment, so that two environments fit one account', () => {
  const NAMES = ['Name', 'FunctionName', 'StateMachineName', 'LogGroupName', 'RoleName', 'BucketName', 'DBClusterIdentifier'];
  // What belongs to an application (AppConfig) is named within it.
  const inAccount = synthesized.assembly.resources.filter(({ properties }) => properties.ApplicationId === undefined);
  const given = inAccount.flatMap((resource) =>
    NAMES.filter((name) => typeof resource.properties[name] === 'string').map(
      (name) => [named(resource), String(resource.properties[name])] as const,
    ),
  );
  expect(given.length).toBeGreaterThan(20);
  for (const [resource, name] of given.filter(([, text]) => !text.startsWith('arn:'))) expect(name, resource).toMatch(/videopick-dev\b/);
});
