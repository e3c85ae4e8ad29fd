import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One variant of a published video, fetched as a player would. */
export interface FetchedRendition {
  /** As `720p 1280x720`, from its folder and what the playlist says. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** In order, each in a file. */
  readonly segments: readonly { readonly file: string; readonly seconds: number }[];
}

const TYPES = {
  m3u8: 'application/vnd.apple.mpegurl',
  ts: 'video/mp2t',
  vtt: 'text/vtt',
  jpg: 'image/jpeg',
  mp4: 'video/mp4',
} as const;

/** Fetches like a page of another origin. @throws when it is redirected, of another type than its name says, or not for other origins */
export async function fetchServed(url: string): Promise<Buffer> {
  const response = await fetch(url, { redirect: 'error', headers: { origin: 'https://player.example' } });
  const ending = new URL(url).pathname.split('.').at(-1) ?? '';
  const expected = TYPES[ending as keyof typeof TYPES];
  const found = response.headers.get('content-type') ?? 'none';
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}; expected 200`);
  if (expected === undefined || !found.startsWith(expected)) throw new Error(`${url} is served as ${found}; expected ${expected}`);
  if (response.headers.get('access-control-allow-origin') === null)
    throw new Error(`${url} is not for other origins; expected CORS headers`);
  return Buffer.from(await response.arrayBuffer());
}

/** Follows a multivariant playlist to its last segment. Reads playlists by itself: what is tested has a reader of its own. */
export async function fetchOutput(multivariantUrl: string, folder: string): Promise<readonly FetchedRendition[]> {
  const lines = (await fetchServed(multivariantUrl)).toString('utf8').split('\n');
  const renditions: FetchedRendition[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('#EXT-X-STREAM-INF:')) continue;
    const [, width = 0, height = 0] = (/RESOLUTION=(\d+)x(\d+)/.exec(line) ?? []).map(Number);
    const uri = lines[index + 1] ?? '';
    const name = `${uri.split('/')[0]} ${width}x${height}`;
    renditions.push({ name, width, height, segments: await fetchSegments(new URL(uri, multivariantUrl).href, join(folder, name)) });
  }
  return renditions.toSorted((left, right) => right.width * right.height - left.width * left.height);
}

async function fetchSegments(playlistUrl: string, folder: string): Promise<FetchedRendition['segments']> {
  await mkdir(folder, { recursive: true });
  const lines = (await fetchServed(playlistUrl)).toString('utf8').split('\n');
  const segments: { file: string; seconds: number }[] = [];
  for (const [index, line] of lines.entries()) {
    const seconds = Number(/^#EXTINF:([\d.]+),/.exec(line)?.[1]);
    if (Number.isNaN(seconds)) continue;
    const file = join(folder, `${segments.length + 1}.ts`);
    await writeFile(file, await fetchServed(new URL(lines[index + 1] ?? '', playlistUrl).href));
    segments.push({ file, seconds });
  }
  return segments;
}
