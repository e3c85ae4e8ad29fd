import { once } from 'node:events';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/**
 * Sends `chunks` to a `COPY … FROM STDIN`, no faster than the server takes them. On any failure the COPY is over and the connection may be used
 * again (to roll back). `stream.pipeline` is not used: a COPY that the server refuses never closes its stream, and the pipeline would wait for it.
 */
export async function copyIn(client: pg.ClientBase, sql: string, chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  const copy = client.query(from(sql, { highWaterMark: 1024 * 1024 }));
  const done = new Promise<void>((resolve, reject) => {
    copy.once('finish', resolve);
    copy.on('error', (error) => {
      // Refused by the server, the stream has lost its connection and fails on the next write, even one already buffered.
      copy.destroy();
      reject(error);
    });
  });
  done.catch(() => {});
  try {
    for await (const chunk of chunks) {
      if (copy.destroyed) break;
      if (!copy.write(chunk)) await Promise.race([once(copy, 'drain'), done]);
    }
  } catch (error) {
    copy.destroy(new Error('the source of the rows failed'));
    throw error;
  }
  if (!copy.destroyed) copy.end();
  await done;
}

/** Passes the data of a COPY on, and tells after each chunk how many rows there were so far: each is a line, a line break in a value is escaped. */
export async function* countRows(chunks: AsyncIterable<Buffer>, onRows: (rows: number) => void): AsyncGenerator<Buffer> {
  let rows = 0;
  for await (const chunk of chunks) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows++;
    yield chunk;
    onRows(rows);
  }
}
