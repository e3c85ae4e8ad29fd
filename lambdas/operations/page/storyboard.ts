/** A moment's picture: a rectangle of a tile sheet, shown from `startSeconds` on. */
export interface StoryboardTile {
  readonly startSeconds: number;
  readonly url: string;
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @throws when the file cannot be loaded: a video plays without its storyboard, too */
export async function readStoryboard(path: string, signal: AbortSignal): Promise<readonly StoryboardTile[]> {
  const response = await fetch(path, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status} for ${path}`);
  return parseStoryboard(await response.text(), response.url);
}

/** The cues of a WebVTT whose payloads are media fragments, `sheet.jpg#xywh=160,90,160,90`, in the order of time. Others are passed over, and so
 *  are pictures of another origin: the page loads nothing from there. */
export function parseStoryboard(vtt: string, baseUrl: string): readonly StoryboardTile[] {
  if (!/^\uFEFF?WEBVTT(?:\s|$)/.test(vtt)) return [];
  const tiles = vtt.split(/(?:\r?\n){2,}/).flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const at = lines.findIndex((line) => line.includes('-->'));
    const tile = at === -1 ? undefined : tileOf(lines[at] ?? '', lines[at + 1] ?? '', baseUrl);
    return tile === undefined ? [] : [tile];
  });
  return tiles.sort((one, other) => one.startSeconds - other.startSeconds);
}

function tileOf(timing: string, payload: string, baseUrl: string): StoryboardTile | undefined {
  const [, hours = '0', minutes, seconds] = /^\s*(?:(\d+):)?(\d{2}):(\d{2}\.\d{3})\s+-->/.exec(timing) ?? [];
  const [, file, ...numbers] = /^(.+)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)\s*$/.exec(payload) ?? [];
  if (minutes === undefined || file === undefined || !URL.canParse(file, baseUrl)) return undefined;
  const [xPx = 0, yPx = 0, widthPx = 0, heightPx = 0] = numbers.map(Number);
  const url = new URL(file, baseUrl);
  if (url.origin !== new URL(baseUrl).origin || widthPx === 0 || heightPx === 0) return undefined;
  return { startSeconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds), url: url.href, xPx, yPx, widthPx, heightPx };
}

/** The picture of a moment: the latest that has begun. */
export function tileAt(tiles: readonly StoryboardTile[], seconds: number): StoryboardTile | undefined {
  return tiles.findLast(({ startSeconds }) => startSeconds <= seconds) ?? tiles[0];
}
