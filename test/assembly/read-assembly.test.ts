import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAssembly } from '../../local/assembly/read-assembly.ts';
import { Specs } from '../../local/cloud/specs.ts';
import { type SynthesizedApp, synthesizeApp } from '../lib/synthesized-app.ts';

let synthesized: SynthesizedApp;
let empty: string;
beforeAll(() => {
  synthesized = synthesizeApp();
  empty = mkdtempSync(join(tmpdir(), 'videopick-assembly-'));
});
afterAll(() => {
  synthesized?.remove();
  rmSync(empty, { recursive: true, force: true });
});

/** Every call of an intrinsic function that is left in a value, by its path. */
function unresolved(value: unknown, path: string): readonly string[] {
  if (value === undefined || typeof value === 'symbol') return [path];
  if (typeof value === 'string') return /\$\{(AWS::|Token\[)|undefined|Symbol\(/.test(value) ? [`${path}: ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof member === 'string')
      ? [`${path}.${key}`]
      : unresolved(member, `${path}.${key}`),
  );
}

describe('the assembly of the app', () => {
  it('has nothing unresolved: not in a property, a reference, an attribute or an output', () => {
    const { resources, outputs } = synthesized.assembly;
    expect(resources.length).toBeGreaterThan(80);
    const left = resources.flatMap(({ stack, logicalId, properties, ref, attributes }) =>
      unresolved({ properties, ref, attributes }, `${stack}/${logicalId}`),
    );
    // A policy's Condition is an object and a code's text may say anything; neither is a call.
    expect(left.filter((path) => !/FunctionCode/.test(path))).toEqual([]);
    expect(unresolved(outputs, 'outputs')).toEqual([]);
  });

  it('gives no two resources of a type the same name', () => {
    const keys = synthesized.assembly.resources
      .filter(({ type }) => !/Attachment|::Url$/.test(type))
      .map(({ type, ref }) => `${type} ${ref}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it('has every asset that a template names, as a file or folder', () => {
    const keys = synthesized.assembly.resources.flatMap(({ properties }) => {
      const { S3Key: code } = (properties.Code ?? {}) as { S3Key?: string };
      const { Key: definition } = (properties.DefinitionS3Location ?? {}) as { Key?: string };
      return [code, definition].filter((key) => key !== undefined);
    });
    expect(keys.length).toBeGreaterThan(12);
    for (const key of keys) expect(existsSync(synthesized.assembly.assetPath(key)), key).toBe(true);
  });

  it('refuses an asset that it does not have, by name', () => {
    expect(() => synthesized.assembly.assetPath('nothing.zip')).toThrow('has no asset "nothing.zip"; synthesize it again');
  });

  it('names buckets as S3 allows', () => {
    for (const { name } of new Specs(synthesized.assembly).buckets()) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  });

  it('reads the same twice, so that a kept data directory finds its state again', () => {
    const again = readAssembly(synthesized.folder);
    expect(again.outputs).toEqual(synthesized.assembly.outputs);
    expect(again.resources).toEqual(synthesized.assembly.resources);
  });

  it('stands in the account that it is told', () => {
    const { outputs } = readAssembly(synthesized.folder, '123456789012');
    expect(outputs.ClusterArn).toContain(':123456789012:');
    expect(JSON.stringify(outputs)).not.toContain('000000000000');
  });
});

it('refuses a folder without stacks', () => {
  writeFileSync(join(empty, 'manifest.json'), JSON.stringify({ artifacts: { Tree: { type: 'cdk:tree' } } }));
  expect(() => readAssembly(empty)).toThrow('has no stack; expected those that bin/videopick.ts composes');
});
