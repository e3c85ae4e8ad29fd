import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Assembly } from '../../local/assembly/read-assembly.ts';
import type { Resource } from '../../local/assembly/template.ts';
import { Specs } from '../../local/cloud/specs.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-specs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function specsOf(type: string, properties: Resource['properties'], identity: Partial<Resource> = {}): Specs {
  const assembly: Assembly = {
    placement: { region: 'ap-northeast-2', accountId: '000000000000' },
    resources: [{ stack: 'one', logicalId: 'It', type, ref: 'it', attributes: {}, properties, ...identity }],
    outputs: {},
    assetPath: (key) => join(folder, key),
  };
  return new Specs(assembly);
}

describe('buckets', () => {
  it('tell EventBridge only when the template says so', () => {
    const enabled = (EventBridgeEnabled: boolean) => ({ NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled } } });
    expect(specsOf('AWS::S3::Bucket', enabled(true)).buckets()).toEqual([{ name: 'it', eventBridge: true }]);
    expect(specsOf('AWS::S3::Bucket', enabled(false)).buckets()).toEqual([{ name: 'it', eventBridge: false }]);
    expect(specsOf('AWS::S3::Bucket', {}).buckets()).toEqual([{ name: 'it', eventBridge: false }]);
  });
});

describe('functions', () => {
  it('have the service’s defaults where the template is silent', () => {
    const specs = specsOf(
      'AWS::Lambda::Function',
      { Handler: 'index.handler', Code: { S3Key: 'code.zip' } },
      { attributes: { Arn: 'arn:it' } },
    );
    expect(specs.functions()).toEqual([
      {
        name: 'it',
        arn: 'arn:it',
        codeDir: join(folder, 'code.zip'),
        handler: 'index.handler',
        environment: {},
        timeoutSeconds: 3,
        memoryMb: 128,
        layers: [],
      },
    ]);
  });

  it('leave out what CDK adds for the deploy, and refuse inline code', () => {
    expect(specsOf('AWS::Lambda::Function', { Handler: '__entrypoint__.handler', Code: { S3Key: 'x' } }).functions()).toEqual([]);
    expect(() => specsOf('AWS::Lambda::Function', { Handler: 'index.handler', Code: { ZipFile: '' } }).functions()).toThrow(
      'inline code; expected a bundled asset',
    );
  });
});

describe('machines', () => {
  const values = { Step: 'arn:step' };

  it('have their definition’s names filled, from an asset or from the template', () => {
    writeFileSync(join(folder, 'machine.json'), JSON.stringify({ a: '${Step}', b: '${Step}/${Step}' }));
    const fromAsset = specsOf('AWS::StepFunctions::StateMachine', {
      RoleArn: 'r',
      DefinitionS3Location: { Key: 'machine.json' },
      DefinitionSubstitutions: values,
    });
    expect(fromAsset.machines()[0]?.definition).toEqual({ a: 'arn:step', b: 'arn:step/arn:step' });
    const inline = specsOf('AWS::StepFunctions::StateMachine', {
      RoleArn: 'r',
      DefinitionString: '{"a":"${Step}"}',
      DefinitionSubstitutions: values,
    });
    expect(inline.machines()[0]?.definition).toEqual({ a: 'arn:step' });
  });

  it('keep a name without a value, for the check of the definition to refuse', () => {
    const specs = specsOf('AWS::StepFunctions::StateMachine', { RoleArn: 'r', DefinitionString: '{"a":"${Missing}"}' });
    expect(specs.machines()[0]?.definition).toEqual({ a: '${Missing}' });
  });
});

describe('rules', () => {
  it('are on unless the template says that they are off', () => {
    const states = [{}, { State: 'ENABLED' }, { State: 'DISABLED' }].map(
      (state) => specsOf('AWS::Events::Rule', { EventPattern: {}, ...state }).rules()[0]?.state,
    );
    expect(states).toEqual(['ENABLED', 'ENABLED', 'DISABLED']);
  });

  it('keep a target’s input transformer', () => {
    const InputTransformer = { InputPathsMap: { key: '$.detail.object.key' }, InputTemplate: '{"key":<key>}' };
    expect(
      specsOf('AWS::Events::Rule', { EventPattern: {}, Targets: [{ Arn: 'arn:a', InputTransformer }] }).rules()[0]?.targets,
    ).toMatchObject([
      { arn: 'arn:a', inputTransformer: { inputPathsMap: InputTransformer.InputPathsMap, inputTemplate: InputTransformer.InputTemplate } },
    ]);
  });
});
