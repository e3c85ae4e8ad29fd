import { describe, expect, it } from 'vitest';
import { UnsupportedTemplateError } from '../../local/assembly/errors.ts';
import { Resolver } from '../../local/assembly/resolver.ts';
import type { Stack, Template } from '../../local/assembly/template.ts';

const placement = { region: 'ap-northeast-2', accountId: '000000000000' };
const stack = (name: string, template: Template): Stack => ({ name, template, assets: new Map() });
const bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'films' } };
const log = (LogGroupName: unknown) => ({ Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName } });

/** The value of one expression, in a stack with the given rest. */
function resolve(value: unknown, rest: Template = {}): unknown {
  const template = {
    ...rest,
    Resources: { Films: bucket, ...rest.Resources, Subject: { Type: 'AWS::CDK::Metadata', Properties: { value } } },
  };
  const subject = new Resolver([stack('one', template)], placement).resources().find(({ logicalId }) => logicalId === 'Subject');
  return subject?.properties.value;
}
const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UnsupportedTemplateError);
    return (error as Error).message;
  }
  throw new Error('was not refused');
};

describe('Ref', () => {
  it.each([
    ['AWS::Region', 'ap-northeast-2'],
    ['AWS::AccountId', '000000000000'],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', 'one'],
    ['Films', 'films'],
  ])('of %s gives %s', (name, expected) => {
    expect(resolve({ Ref: name })).toBe(expected);
  });

  it('of a parameter gives its default', () => {
    expect(resolve({ Ref: 'Size' }, { Parameters: { Size: { Default: 7 } } })).toBe(7);
  });

  it('to nothing is refused by name', () => {
    expect(refusal(() => resolve({ Ref: 'Nowhere' }))).toBe('one refers to "Nowhere", which it does not declare');
  });

  it('of AWS::NoValue takes the member or item away', () => {
    expect(resolve({ kept: 1, gone: { Ref: 'AWS::NoValue' }, list: ['a', { Ref: 'AWS::NoValue' }, 'b'] })).toEqual({
      kept: 1,
      list: ['a', 'b'],
    });
  });
});

describe('Fn::GetAtt', () => {
  it('gives an attribute, from either form', () => {
    expect(resolve({ 'Fn::GetAtt': ['Films', 'Arn'] })).toBe('arn:aws:s3:::films');
    expect(resolve({ 'Fn::GetAtt': 'Films.Arn' })).toBe('arn:aws:s3:::films');
  });

  it('gives an attribute with a dot in its name', () => {
    const rest = { Resources: { Cluster: { Type: 'AWS::RDS::DBCluster' } } };
    expect(resolve({ 'Fn::GetAtt': ['Cluster', 'Endpoint.Address'] }, rest)).toBe('127.0.0.1');
    expect(resolve({ 'Fn::GetAtt': 'Cluster.Endpoint.Address' }, rest)).toBe('127.0.0.1');
  });

  it('of an unknown attribute is refused, naming attribute, resource and type', () => {
    const message = refusal(() => resolve({ 'Fn::GetAtt': ['Films', 'WebsiteURL'] }));
    expect(message).toContain('one reads WebsiteURL of "Films" (AWS::S3::Bucket)');
  });
});

describe('Fn::Sub', () => {
  it.each([
    ['a-${AWS::Region}', 'a-ap-northeast-2'],
    ['${Films}/${Films.Arn}', 'films/arn:aws:s3:::films'],
    ['${!Literal} and $5 and ${Films}', '${Literal} and $5 and films'],
    ['nothing', 'nothing'],
  ])('of %s gives %s', (text, expected) => {
    expect(resolve({ 'Fn::Sub': text })).toBe(expected);
  });

  it('takes variables first, resolved, even where a resource has the name', () => {
    expect(resolve({ 'Fn::Sub': ['${Films}-${size}-${AWS::Region}', { Films: { 'Fn::GetAtt': ['Films', 'Arn'] }, size: 3 }] })).toBe(
      'arn:aws:s3:::films-3-ap-northeast-2',
    );
  });

  it('does not read a value that came in as text again', () => {
    expect(resolve({ 'Fn::Sub': ['${value}', { value: '${Films}' }] })).toBe('${Films}');
  });

  it('of a name that is not there is refused', () => {
    expect(refusal(() => resolve({ 'Fn::Sub': '${Nowhere}' }))).toContain('"Nowhere"');
  });
});

describe('lists and text', () => {
  it('Fn::Join joins resolved parts', () => {
    expect(resolve({ 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, { Ref: 'AWS::NoValue' }, 's3']] })).toBe('arn:aws:s3');
  });

  it('Fn::Split and Fn::Select take a host out of a URL, as the distribution does', () => {
    expect(resolve({ 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::Sub': 'https://${Films}.example/x' }] }] })).toBe('films.example');
    expect(resolve({ 'Fn::Select': ['1', ['a', 'b']] })).toBe('b');
  });

  it('leaves an object alone that only looks like a call: more than one member', () => {
    expect(resolve({ Ref: 'Films', also: 1 })).toEqual({ Ref: 'Films', also: 1 });
  });
});

describe('conditions', () => {
  const Conditions = {
    Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'ap-northeast-2'] },
    No: { 'Fn::Not': [{ 'Fn::Equals': ['a', 'a'] }] },
  };

  it('Fn::If takes the branch that holds and does not resolve the other', () => {
    expect(resolve({ 'Fn::If': ['Yes', 'then', { Ref: 'Nowhere' }] }, { Conditions })).toBe('then');
    expect(resolve({ 'Fn::If': ['No', { Ref: 'Nowhere' }, 'otherwise'] }, { Conditions })).toBe('otherwise');
    expect(resolve({ member: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] } }, { Conditions })).toEqual({});
  });

  it('a resource whose condition does not hold is not there', () => {
    const Resources = { A: { ...log('/a'), Condition: 'Yes' }, B: { ...log('/b'), Condition: 'No' } };
    const resources = new Resolver([stack('one', { Conditions, Resources })], placement).resources();
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['A']);
  });
});

describe('Fn::ImportValue', () => {
  const exporting = stack('storage', {
    Resources: { Films: bucket },
    Outputs: { Out: { Value: { Ref: 'Films' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:films' } } } },
  });

  it('finds what another stack exports under that name, before or after it', () => {
    const importing = stack('use', { Resources: { Logs: log({ 'Fn::Join': ['/', ['', { 'Fn::ImportValue': 'storage:films' }]] }) } });
    for (const stacks of [
      [exporting, importing],
      [importing, exporting],
    ]) {
      expect(new Resolver(stacks, placement).resources().find(({ logicalId }) => logicalId === 'Logs')?.ref).toBe('/films');
    }
  });

  it('of what nobody exports is refused by name', () => {
    const importing = stack('use', { Resources: { Logs: log({ 'Fn::ImportValue': 'storage:songs' }) } });
    expect(refusal(() => new Resolver([exporting, importing], placement).resources())).toBe(
      'no stack of the assembly exports "storage:songs"',
    );
  });
});

describe('refusals', () => {
  it.each(['Fn::FindInMap', 'Fn::Base64', 'Fn::GetAZs', 'Fn::Cidr', 'Fn::And', 'Fn::Or', 'Fn::Transform', 'Fn::Length', 'Fn::NoSuch'])(
    '%s is refused by name',
    (name) => {
      expect(refusal(() => resolve({ [name]: ['a', 'b'] }))).toContain(`one uses ${name},`);
    },
  );

  it('a type without stand-in is refused by stack, resource and type', () => {
    const message = refusal(() =>
      new Resolver([stack('one', { Resources: { Stream: { Type: 'AWS::Kinesis::Stream' } } })], placement).resources(),
    );
    expect(message).toContain('one declares "Stream" of type AWS::Kinesis::Stream, which has no stand-in');
  });

  it('a circle is refused with the way round it', () => {
    const Resources = { A: log({ Ref: 'B' }), B: log({ 'Fn::Sub': '${C}' }), C: log({ 'Fn::GetAtt': ['A', 'Arn'] }) };
    expect(refusal(() => new Resolver([stack('one', { Resources })], placement).resources())).toBe(
      'one/A refers to itself through one/A → one/B → one/C',
    );
    expect(refusal(() => new Resolver([stack('one', { Resources: { A: log({ Ref: 'A' }) } })], placement).resources())).toContain(
      'one/A refers to itself',
    );
  });
});

describe('outputs', () => {
  it('are resolved over all stacks', () => {
    const one = stack('one', { Resources: { Films: bucket }, Outputs: { FilmsName: { Value: { Ref: 'Films' } } } });
    const two = stack('two', { Outputs: { Place: { Value: { 'Fn::Sub': '${AWS::StackName} in ${AWS::Region}' } } } });
    expect(new Resolver([one, two], placement).outputs()).toEqual({ FilmsName: 'films', Place: 'two in ap-northeast-2' });
  });
});

describe('what CloudFormation refuses', () => {
  it('a condition that refers to another condition holds or not as that one does', () => {
    const Conditions = { Yes: { 'Fn::Equals': ['a', 'a'] }, No: { 'Fn::Not': [{ Condition: 'Yes' }] }, Again: { Condition: 'Yes' } };
    expect(resolve({ 'Fn::If': ['Again', 'then', 'otherwise'] }, { Conditions })).toBe('then');
  });

  it('a condition that is not declared is refused by name', () => {
    expect(refusal(() => resolve({ 'Fn::If': ['Misspelt', 1, 2] }))).toContain('Misspelt');
  });

  it('Fn::Select of an item that is not there is refused', () => {
    expect(refusal(() => resolve({ 'Fn::Select': [2, ['a', 'b']] }))).toContain('Fn::Select');
  });

  it('an output name that two stacks use is refused by name', () => {
    const twice = ['one', 'two'].map((name) => stack(name, { Outputs: { Name: { Value: name } } }));
    expect(refusal(() => new Resolver(twice, placement).outputs())).toContain('Name');
  });
});
