import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkPattern, matchesPattern } from '../../local/eventbridge/pattern.ts';

const created = {
  source: 'aws.s3',
  detail: {
    bucket: { name: 'videos' },
    object: { key: 'originals/v1/Clip.MP4', size: 300 },
    reason: 'PutObject',
    tags: ['a', 'b'],
    none: null,
  },
};

it.each<[what: string, pattern: Record<string, unknown>, matches: boolean]>([
  ['exact values', { source: ['aws.s3', 'other'] }, true],
  ['another value', { source: ['aws.sns'] }, false],
  ['every field', { source: ['aws.s3'], detail: { reason: ['CopyObject'] } }, false],
  ['null', { detail: { none: [null] } }, true],
  ['a number', { detail: { object: { size: [300] } } }, true],
  ['no number for its text', { detail: { object: { size: ['300'] } } }, false],
  ['a prefix', { detail: { object: { key: [{ prefix: 'originals/' }] } } }, true],
  ['no prefix in the middle', { detail: { object: { key: [{ prefix: 'v1/' }] } } }, false],
  ['a prefix in any case', { detail: { object: { key: [{ prefix: { 'equals-ignore-case': 'ORIGINALS/' } }] } } }, true],
  ['a suffix in any case', { detail: { object: { key: [{ suffix: { 'equals-ignore-case': '.mp4' } }] } } }, true],
  ['a suffix, which has a case', { detail: { object: { key: [{ suffix: '.mp4' }] } } }, false],
  ['any case', { detail: { reason: [{ 'equals-ignore-case': 'putobject' }] } }, true],
  ['wildcards', { detail: { object: { key: [{ wildcard: 'originals/*/*.MP4' }] } } }, true],
  ['a wildcard with a plain dot', { detail: { object: { key: [{ wildcard: 'originals/*xMP4' }] } } }, false],
  ['anything but a value', { detail: { reason: [{ 'anything-but': 'CopyObject' }] } }, true],
  ['anything but a list', { detail: { reason: [{ 'anything-but': ['CopyObject', 'PutObject'] }] } }, false],
  ['anything but a prefix', { detail: { object: { key: [{ 'anything-but': { prefix: 'originals/' } }] } } }, false],
  ['anything but, of an absent field', { detail: { nothing: [{ 'anything-but': 'x' }] } }, false],
  ['present fields', { detail: { reason: [{ exists: true }] } }, true],
  ['absent fields', { detail: { deep: { er: [{ exists: false }] } } }, true],
  ['no present field that is absent', { detail: { nothing: [{ exists: true }] } }, false],
  ['leaves only with exists', { detail: { object: [{ exists: true }] } }, false],
  ['a range', { detail: { object: { size: [{ numeric: ['>', 0, '<=', 300] }] } } }, true],
  ['no number outside the range', { detail: { object: { size: [{ numeric: ['<', 300] }] } } }, false],
  ['one element of an array', { detail: { tags: ['b', 'c'] } }, true],
  ['alternatives', { $or: [{ source: ['x'] }, { detail: { reason: ['PutObject'] } }] }, true],
  [
    'no alternative beside a field that differs',
    { source: ['x'], $or: [{ source: ['aws.s3'] }, { detail: { reason: ['PutObject'] } }] },
    false,
  ],
])('matches %s', (_, pattern, matches) => {
  checkPattern(pattern);
  expect(matchesPattern(pattern, created)).toBe(matches);
});

it('matches one object of an array as a whole, not fields of different ones', () => {
  const event = {
    outputs: [
      { name: 'a', ok: false },
      { name: 'b', ok: true },
    ],
  };
  expect(matchesPattern({ outputs: { name: ['b'], ok: [true] } }, event)).toBe(true);
  expect(matchesPattern({ outputs: { name: ['a'], ok: [true] } }, event)).toBe(false);
});

it('agrees with plain string operations for any text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (key, part) => {
      const matches = (filter: unknown) => matchesPattern({ key: [filter] }, { key });
      expect(matches({ prefix: part })).toBe(key.startsWith(part));
      expect(matches({ suffix: part })).toBe(key.endsWith(part));
      expect(matches({ wildcard: `${part.replaceAll(/[*\\]/g, '\\$&')}*` })).toBe(key.startsWith(part));
      expect(matches({ 'anything-but': part })).toBe(key !== part);
    }),
  );
});

it.each<[pattern: unknown, problem: RegExp]>([
  [{ detail: { ip: [{ cidr: '10.0.0.0/8' }] } }, /pattern\.detail\.ip\[0\]: the filter "cidr" has no stand-in/],
  [{ source: 'aws.s3' }, /pattern\.source: found "aws\.s3", expected an object/],
  [{ source: [] }, /pattern\.source: found an empty list/],
  [{ a: [{ numeric: ['~', 5] }] }, /"numeric" does not take/],
  [{ a: [{ wildcard: 'a**' }] }, /"wildcard" does not take/],
  [{ a: [{ exists: 'yes' }] }, /"exists" does not take/],
  [{ a: [{ prefix: 'x', suffix: 'y' }] }, /one filter/],
  [{}, /at least one field/],
])('refuses %j by name', (pattern, problem) => {
  expect(() => checkPattern(pattern)).toThrow(problem);
});
