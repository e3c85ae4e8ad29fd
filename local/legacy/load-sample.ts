import type pg from 'pg';
import { legacyColumns, legacyTables } from '../../database/legacy/sample/columns.ts';
import { copyText } from '../../database/legacy/sample/copy-text.ts';
import { DEFAULT_SEED, generateSample } from '../../database/legacy/sample/generate-sample.ts';
import { copyIn } from './copy-in.ts';
import type { OnProgress } from './load-legacy.ts';
import { readLinkPickSql } from './schema.ts';

/** Makes linkpick.sql's tables and fills them with the generated sample. */
export async function loadSample(seed = DEFAULT_SEED, client: pg.ClientBase, onProgress: OnProgress): Promise<void> {
  const sample = generateSample({ seed });
  const total = legacyTables.reduce((sum, table) => sum + sample[table].length, 0);
  let before = 0;
  await client.query(await readLinkPickSql());
  for (const table of legacyTables) {
    const chunks = Array.from(copyText(table, sample[table]), (chunk) => Buffer.from(chunk));
    await copyIn(client, `copy public.${table} (${legacyColumns[table].join(', ')}) from stdin`, chunks);
    before += sample[table].length;
    onProgress({ table, rows: sample[table].length, fraction: before / total });
  }
}
