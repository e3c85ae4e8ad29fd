import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import type { EdgeStore } from './edge-store.ts';

export const HideVideosInput = z.strictObject({});

/** One key per private video, read by lib/delivery/edge/guard-media.js. */
const PREFIX = 'private/';
/** An answer of the Data API has 1 MiB; an id at most 30 characters. */
const PAGE_ROWS = 5_000;

export interface HideVideosOutput {
  readonly private: number;
  readonly hidden: number;
  readonly shown: number;
}

/**
 * Makes the edge refuse public addresses of exactly those videos that are private and have media. The database decides; whatever the store held
 * before, it agrees afterwards. Hides first: a video that has become private is shut before another is opened.
 */
export async function hideVideos({
  db,
  store,
}: {
  readonly db: Pick<DataApi, 'query'>;
  readonly store: Pick<EdgeStore, 'keys' | 'update'>;
}): Promise<HideVideosOutput> {
  const [ids, present] = [await readPrivateVideos(db), await store.keys(PREFIX)];
  const { hide, show } = planHidden(ids, present);
  await store.update({ puts: hide.map((key) => ({ key, value: '1' })), deletes: show });
  return { private: ids.length, hidden: hide.length, shown: show.length };
}

/** Which keys to add, and which to take away. */
export function planHidden(
  privateIds: readonly string[],
  presentKeys: readonly string[],
): { readonly hide: readonly string[]; readonly show: readonly string[] } {
  const wanted = new Set(privateIds.map((id) => `${PREFIX}${id}`));
  const present = new Set(presentKeys);
  return { hide: [...wanted].filter((key) => !present.has(key)), show: presentKeys.filter((key) => !wanted.has(key)) };
}

async function readPrivateVideos(db: Pick<DataApi, 'query'>): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after = ''; ; ) {
    const rows = await db.query<{ id: string }>(
      `select v.id from video_platform.videos v
       where v.status = 'PRIVATE' and v.id > :after
         and (v.video_url is not null or exists (select from video_platform.video_upload u where u.video_id = v.id))
       order by v.id limit ${PAGE_ROWS}`,
      { after },
    );
    ids.push(...rows.map(({ id }) => id));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return ids;
    after = last.id;
  }
}
