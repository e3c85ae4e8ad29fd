import { expect, it } from 'vitest';
import { tagsOf } from '../../lambdas/migration/entities/tags.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const database = useMigrationDatabase();

/** What they ought to be: an implementation of its own, for texts without rare blanks. */
function expectedTags(text: string | null): readonly string[] {
  const pieces = (text ?? '').split(',').map((piece) => piece.replaceAll('#', '').replace(/^ +| +$/g, ''));
  return [...new Set(pieces)].filter((piece) => piece !== '');
}

async function expectTags(texts: readonly (string | null)[]): Promise<void> {
  const rows = await database.query<{ text: string | null; tags: readonly string[] }>(
    `select text, ${tagsOf('text')} as tags from unnest($1::text[]) texts (text)`,
    [texts],
  );
  expect(rows.length).toBe(texts.length);
  expect(rows.filter(({ text, tags }) => JSON.stringify(tags) !== JSON.stringify(expectedTags(text)))).toEqual([]);
}

it('tags are right for every text of up to six commas, blanks, signs and letters', async () => {
  const texts = [''];
  for (let from = 0, length = 1; length <= 6; length++) {
    const to = texts.length;
    for (; from < to; from++) for (const next of ', #aB') texts.push(`${texts[from]}${next}`);
  }
  expect(texts.length).toBe((5 ** 7 - 1) / 4);
  await expectTags(texts);
});

it('tags are right for texts of any length, with a piece of any length, and for none', async () => {
  const lengths = [1, 2, 3, 31, 32, 33, 100, 1_000, 1_999, 2_000, 2_001, 2_046, 2_047, 2_048, 10_000, 70_000];
  const piece = (length: number) => '가'.repeat(Math.floor(length / 3)) + 'x'.repeat(length % 3);
  const few = (length: number) => Array.from({ length: Math.min(length, 5_000) }, (_, index) => `#태그 ${index % 40}`);
  await expectTags([
    null,
    ...lengths.map(piece),
    ...lengths.map((length) => `뷰티, ${piece(length)},뷰티`),
    ...lengths.map((length) => few(length).join(', ')),
    ...lengths.map((length) => few(length).join(' ,')),
    ...lengths.map((length) => few(length).join(',,')),
  ]);
});
