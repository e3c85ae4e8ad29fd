import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hideVideos } from '../../lambdas/delivery/hide-videos.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from '../transcoding/transcoding-database.ts';
import { startEdge } from './local-edge.ts';

let database: TranscodingDatabase;
beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(() => database.reset());

const setStatus = (status: string) => database.query('update video_platform.videos set status = $1 where id = $2', [status, 'v1']);

it('hides a video that becomes private, shows one that no longer is, and writes nothing in between', async () => {
  const { store, held } = await startEdge();
  const run = () => hideVideos({ db: database.db, store });
  await database.playing();
  expect(await run()).toEqual({ private: 0, hidden: 0, shown: 0 });
  await setStatus('PRIVATE');
  expect(await run()).toEqual({ private: 1, hidden: 1, shown: 0 });
  expect(held.keys()).toEqual(['private/v1']);
  const { etag } = held;
  expect(await run()).toEqual({ private: 1, hidden: 0, shown: 0 });
  expect(held.etag).toBe(etag);
  await setStatus('UNLISTED');
  expect(await run()).toEqual({ private: 0, hidden: 0, shown: 1 });
  expect(held.keys()).toEqual([]);
});

it('hides a private video from its upload on, before anything of it is published, but not one without media', async () => {
  const { store, held } = await startEdge();
  await setStatus('PRIVATE');
  expect(await hideVideos({ db: database.db, store })).toEqual({ private: 0, hidden: 0, shown: 0 });
  await database.claim('encoding');
  await hideVideos({ db: database.db, store });
  expect(held.keys()).toEqual(['private/v1']);
});

it('puts right what somebody else has put into the store, and leaves other keys alone', async () => {
  const { store, held } = await startEdge();
  await store.update({ puts: ['private/gone', 'use_legacy_routes'].map((key) => ({ key, value: 'true' })), deletes: [] });
  await hideVideos({ db: database.db, store });
  expect(held.keys()).toEqual(['use_legacy_routes']);
});

it('finds all of them, more than one answer of the Data API holds', async () => {
  const { store, held } = await startEdge();
  await database.query(
    `insert into video_platform.videos (id, channel_id, title, status, video_url)
     select 'p' || n, v.channel_id, 't', 'PRIVATE', '/encoded/p' || n || '/x/index.m3u8'
     from video_platform.videos v, generate_series(1, 5100) n where v.id = 'v1'`,
  );
  expect(await hideVideos({ db: database.db, store })).toEqual({ private: 5100, hidden: 5100, shown: 0 });
  expect(held.keys()).toHaveLength(5100);
});
