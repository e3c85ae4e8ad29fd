import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentTypeOf, objectName } from '../../../lambdas/transcoding/uploads/file-name.ts';
import { compositeSha256, partCountOf, partRangeOf, partSizeOf } from '../../../lambdas/transcoding/uploads/part-plan.ts';

describe('the object’s name', () => {
  it('is one safe segment with one dot, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 250 }), fc.constantFrom('mp4', 'MKV', 'webm'), (stem, extension) => {
        expect(objectName(`${stem}.${extension}`)).toMatch(/^[A-Za-z0-9_-]{1,89}\.(mp4|mkv|webm)$/);
      }),
      { numRuns: 300 },
    );
  });

  it('is the file’s own where that is safe, and tells changed names apart', () => {
    expect(objectName('My_clip-01.MP4')).toBe('My_clip-01.mp4');
    const changed = ['영상.mp4', '노래.mp4', 'a b.mp4', 'a+b.mp4', 'a%2Fb.mp4', '../a.mp4', 'v1.2.mp4', '.mp4'].map(objectName);
    expect(new Set(changed).size).toBe(changed.length);
    expect(objectName('a b.mp4')).toMatch(/^a-b-[0-9a-f]{8}\.mp4$/);
    expect(objectName('영상.mp4')).toMatch(/^video-[0-9a-f]{8}\.mp4$/);
  });
});

describe('a name and its type', () => {
  it.each([
    ['clip.MP4', 'video/mp4', 'video/mp4'],
    ['2026.11.23 브이로그.mov', 'video/quicktime; codecs=avc1', 'video/quicktime'],
    ['final.cut.avi', 'video/avi', 'video/x-msvideo'],
    ['a.mkv', 'video/x-matroska', 'video/x-matroska'],
  ])('%s as %s is taken', (name, declared, stored) => expect(contentTypeOf(name, declared)).toBe(stored));

  it.each([
    ['clip.mp4.exe', 'UNSUPPORTED_EXTENSION'],
    ['clip.exe .mp4', 'DOUBLE_EXTENSION'],
    ['clip.M3U8.mp4', 'DOUBLE_EXTENSION'],
    ['clip.mp4.mp4', 'DOUBLE_EXTENSION'],
    ['clip.mp4 ', 'UNSUPPORTED_EXTENSION'],
    ['mp4', 'UNSUPPORTED_EXTENSION'],
    ['constructor.constructor', 'UNSUPPORTED_EXTENSION'],
    ['\ud800.mp4', 'INVALID_FILE_NAME'],
  ])('%s is refused: %s', (name, code) => expect(() => contentTypeOf(name, 'video/mp4')).toThrow(expect.objectContaining({ code })));
});

describe('the parts of a file', () => {
  it('cover it without gap or overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 700 }), (sizeBytes, partBytes) => {
        const plan = { sizeBytes, partBytes };
        let next = 0;
        for (let partNumber = 1; partNumber <= partCountOf(plan); partNumber++) {
          const { first, last } = partRangeOf(plan, partNumber);
          expect(first).toBe(next);
          expect(last - first + 1).toBe(partSizeOf(plan, partNumber));
          next = last + 1;
        }
        expect(next).toBe(sizeBytes);
      }),
    );
  });

  it('number from 1 to the last and no other', () => {
    const plan = { sizeBytes: 10, partBytes: 4 };
    expect([0, 1, 2, 3, 4, 1.5, -1, Number.NaN].map((partNumber) => partSizeOf(plan, partNumber))).toEqual([
      ...[undefined, 4, 4, 2],
      ...[undefined, undefined, undefined, undefined],
    ]);
  });

  it('have the checksum S3 gives an object of parts', () => {
    // base64(sha256(sha256("a") + sha256("b")))-2, computed by another program
    const parts = ['ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=', 'PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0='].map((sha256) => ({
      sha256,
    }));
    expect(compositeSha256(parts)).toBe('5aAf7hTg7VxIcU8iGA8lrYNltT+XefedxKPX6Tlj+Uo=-2');
  });
});
