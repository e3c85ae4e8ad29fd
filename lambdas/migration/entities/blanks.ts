/**
 * What cannot be seen: white space, control characters, and format characters of no width. One set for all, given code
 * point by code point, since what a regular expression takes for `\s` differs with the database's locale. Inclusive ranges, hexadecimal.
 *
 * Not in it: variation selectors and tag characters, which end an emoji and change how it looks.
 */
const RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x0001, 0x0020], // control characters, tab and line ends among them, and the blank
  [0x007f, 0x00a0], // control characters, next line, no-break space
  [0x00ad, 0x00ad], // soft hyphen
  [0x034f, 0x034f], // combining grapheme joiner
  [0x061c, 0x061c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x1680, 0x1680], // Ogham space
  [0x17b4, 0x17b5], // Khmer vowels without a shape
  [0x180b, 0x180f], // Mongolian selectors and vowel separator
  [0x2000, 0x200f], // spaces by width, zero-width ones, direction marks
  [0x2028, 0x202f], // line and paragraph separators, directions, narrow no-break space
  [0x205f, 0x206f], // mathematical space, word joiner, invisible operators, directions
  [0x2800, 0x2800], // Braille without dots
  [0x3000, 0x3000], // full-width space
  [0x3164, 0x3164], // Hangul filler
  [0xfeff, 0xfeff], // byte order mark
  [0xffa0, 0xffa0], // half-width Hangul filler
  [0xfff9, 0xfffb], // interlinear annotation
];

const BLANK = 0x20;

/** All of them, as the SQL literal that `btrim` takes. */
export const BLANKS = `U&'${RANGES.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => `\\${hex(from + index)}`)).join('')}'`;

/** All of them, as a bracket expression of a regular expression. */
export const ANY_BLANK = `[${RANGES.map(bracketed).join('')}]`;

/** Anything but these: something of the text is seen. */
export const ANY_VISIBLE = `[^${RANGES.map(bracketed).join('')}]`;

/** All but the blank itself. Most texts have none of these: to look costs 0.2 µs a text, to trim by all of them 0.7 µs. */
export const ANY_RARE_BLANK = `[${RANGES.map(([from, to]) => bracketed([from, to === BLANK ? BLANK - 1 : to])).join('')}]`;

function bracketed([from, to]: readonly [number, number]): string {
  return from === to ? `\\u${hex(from)}` : `\\u${hex(from)}-\\u${hex(to)}`;
}

function hex(codePoint: number): string {
  return codePoint.toString(16).padStart(4, '0');
}
