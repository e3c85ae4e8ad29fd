import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundleOf } from '../../lib/bundle.ts';

const MAX_BYTES = 400_000;

/** Cold starts grow with them; `npm run bench:transcode` prints each and how long it takes to load. */
it('no bundle of a Lambda is above 400 kB', () => {
  const folder = bundleOf('');
  const sizes = globSync('**/index.mjs', { cwd: folder }).map((file) => ({ file, bytes: statSync(join(folder, file)).size }));
  expect(sizes.length).toBeGreaterThan(20);
  expect(sizes.filter(({ bytes }) => bytes > MAX_BYTES)).toEqual([]);
});
