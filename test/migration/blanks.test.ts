import { expect, it } from 'vitest';
import { ANY_BLANK, ANY_RARE_BLANK, BLANKS } from '../../lambdas/migration/entities/blanks.ts';

const BLANKS_BY_POINT = [...BLANKS.matchAll(/\\([0-9a-f]{4})/g)].map(([, hex = '']) => String.fromCharCode(Number.parseInt(hex, 16)));
const all = Array.from({ length: 0xd7ff }, (_, index) => String.fromCharCode(index + 1));

it('holds all white space and every control or format character that has no shape, but for those that an emoji ends with', () => {
  const unseen = [...all, '\ufeff', '\ufff9', '\ufffa', '\ufffb'].filter((character) =>
    /[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}]/u.test(character),
  );
  expect(unseen.filter((character) => !BLANKS_BY_POINT.includes(character))).toEqual([]);
  for (const character of ['\u3164', '\uffa0', '\u2800', '\ufeff']) expect(BLANKS_BY_POINT).toContain(character);
  for (const character of ['\ufe0f', '가', 'ㄱ', 'ᄀ', 'a', '#', '\ufdd0']) expect(BLANKS_BY_POINT).not.toContain(character);
});

it('says the same as a literal and as a bracket expression, and the rare ones are all but the blank', () => {
  const points = [...all, '\ufeff', '\uffa0', '\ufff9', '\ufffa', '\ufffb'];
  expect(points.filter((character) => new RegExp(ANY_BLANK, 'u').test(character))).toEqual(BLANKS_BY_POINT);
  expect(points.filter((character) => new RegExp(ANY_RARE_BLANK, 'u').test(character))).toEqual(
    BLANKS_BY_POINT.filter((character) => character !== ' '),
  );
});
