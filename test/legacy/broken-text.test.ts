import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BROKEN_TEXT_MARK, BrokenTextMarker } from '../../local/legacy/dump/broken-text.ts';

/** Pushes the bytes in pieces that end at the given places. */
function marked(bytes: Buffer, cuts: readonly number[] = []): { text: string; lines: number } {
  const marker = new BrokenTextMarker();
  const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
  const pieces = ends.map((end, index) => marker.push(bytes.subarray(ends[index - 1] ?? 0, end)));
  const text = Buffer.concat([...pieces, marker.end()]).toString('utf8');
  return { text, lines: marker.markedLines };
}

describe('BrokenTextMarker', () => {
  it('passes text through, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(40)), (text, cuts) => {
        fc.pre(!text.includes('\0') && text.isWellFormed());
        expect(marked(Buffer.from(text), cuts)).toEqual({ text, lines: 0 });
      }),
    );
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a run of EUC-KR', [0xb0, 0xa1, 0xb3, 0xaa]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf5, 0x80, 0x80, 0x80]],
    ['NUL', [0x00]],
    ['a character that never ends', [0xea, 0xb0]],
  ])('puts one mark for %s and keeps what stands around it', (_, broken) => {
    const bytes = Buffer.concat([Buffer.from('가'), Buffer.from(broken), Buffer.from('나\n')]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(marked(bytes, [cut]).text.replaceAll(/\ufdd0+/g, BROKEN_TEXT_MARK)).toBe(`가${BROKEN_TEXT_MARK}나\n`);
    }
  });

  it('counts the lines that have a mark, however many they have and wherever they are cut', () => {
    const line = fc.array(fc.constantFrom('a', '가', '\xb0.\xb0', '\0', '\xea\xb0'), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(60)), (lines, cuts) => {
        const bytes = lines.map((parts) => Buffer.concat([...parts.map(bytesOf), Buffer.from('\n')]));
        const broken = lines.filter((parts) => parts.some((part) => part !== 'a' && part !== '가'));
        expect(marked(Buffer.concat(bytes), cuts).lines).toBe(broken.length);
      }),
    );
  });

  it('always answers valid text', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat(40)), (bytes, cuts) => {
        const { text } = marked(Buffer.from(bytes), cuts);
        expect(text).not.toContain('\ufffd'.repeat(2));
        expect(text).not.toContain('\0');
      }),
    );
  });
});

/** One byte a character, but for Hangul. */
function bytesOf(part: string): Buffer {
  return Buffer.from(part, part === '가' ? 'utf8' : 'latin1');
}
