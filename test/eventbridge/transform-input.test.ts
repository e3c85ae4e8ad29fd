import { expect, it } from 'vitest';
import { checkTarget, transformInput } from '../../local/eventbridge/transform-input.ts';

const event = {
  version: '0' as const,
  id: 'event-1',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '123456789012',
  time: '2026-11-23T02:00:00Z',
  region: 'ap-northeast-2',
  resources: ['arn:aws:s3:::videos'],
  detail: { bucket: { name: 'videos' }, object: { key: '가 "나".mp4', size: 5, 'version-id': 'v1' } },
};
const context = { ruleName: 'uploads', ruleArn: 'arn:aws:events:r:1:rule/uploads', ingestionTime: '2026-11-23T02:00:01Z' };

function transform(target: object): unknown {
  const full = { arn: 'arn:target', ...target };
  checkTarget(full);
  return transformInput(full, event, context);
}

it('gives the whole event, a constant, or a part', () => {
  expect(transform({})).toBe(event);
  expect(transform({ input: '{"mode":"nightly"}' })).toEqual({ mode: 'nightly' });
  expect(transform({ inputPath: '$.detail.object' })).toEqual(event.detail.object);
  expect(transform({ inputPath: "$.detail.object['version-id']" })).toBe('v1');
  expect(transform({ inputPath: '$.resources[0]' })).toBe('arn:aws:s3:::videos');
});

it('fills a template: JSON values bare, strings inside quotes as they are', () => {
  const inputPathsMap = {
    bucket: '$.detail.bucket.name',
    key: '$.detail.object.key',
    size: '$.detail.object.size',
    object: '$.detail.object',
    none: '$.detail.nothing',
  };
  const inputTemplate =
    '{"bucket":"<bucket>/<size>","key":<key>,"size":<size>,"object":<object>,"none":"<none>","rule":"<aws.events.rule-name>","at":<aws.events.event.ingestion-time>,"event":<aws.events.event.json>}';
  expect(transform({ inputTransformer: { inputPathsMap, inputTemplate } })).toEqual({
    bucket: 'videos/5',
    key: '가 "나".mp4',
    size: 5,
    object: event.detail.object,
    none: '',
    rule: 'uploads',
    at: context.ingestionTime,
    event,
  });
});

it('does not escape inside quotes, so that such a template fails here as there', () => {
  const inputTransformer = { inputPathsMap: { key: '$.detail.object.key' }, inputTemplate: '{"key":"<key>"}' };
  expect(() => transform({ inputTransformer })).toThrow(/the filled InputTemplate of arn:target is no JSON/);
});

it.each<[target: object, problem: RegExp]>([
  [{ input: '{' }, /the Input of arn:target is no JSON/],
  [{ input: '{}', inputPath: '$' }, /has input and inputPath; keep one/],
  [{ inputPath: '$.detail..key' }, /is not plain/],
  [{ inputTransformer: { inputTemplate: '{"a":<missing>}' } }, /uses <missing>, which is in no InputPathsMap/],
])('refuses %j when the rule is loaded', (target, problem) => {
  expect(() => checkTarget({ arn: 'arn:target', ...target })).toThrow(problem);
});

it('says so when the event has nothing at the InputPath', () => {
  expect(() => transform({ inputPath: '$.detail.nothing' })).toThrow(/the event event-1 has nothing at \$\.detail\.nothing/);
});
