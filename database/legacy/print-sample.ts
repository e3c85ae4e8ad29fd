/**
 * Writes a generated LinkPick database as plain SQL with COPY blocks to standard output, for people and for `npm start -- --legacy FILE`:
 *
 *     node database/legacy/print-sample.ts [seed] > sample.sql
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_SEED, generateSample } from './sample/generate-sample.ts';
import { sampleSql } from './sample/sample-sql.ts';

const [seedText = String(DEFAULT_SEED), ...rest] = process.argv.slice(2);
if (!/^\d{1,9}$/.test(seedText) || rest.length > 0) {
  process.stderr.write(`found "${process.argv.slice(2).join(' ')}", expected at most one seed: a whole number of up to 9 digits\n`);
  process.exitCode = 2;
} else {
  const schema = await readFile(new URL('linkpick.sql', import.meta.url), 'utf8');
  const sample = generateSample({ seed: Number(seedText) });
  await pipeline(Readable.from(sampleSql(schema, sample)), process.stdout).catch((error: NodeJS.ErrnoException) => {
    // The reader (such as head) has seen enough.
    if (error.code !== 'EPIPE') throw error;
  });
}
