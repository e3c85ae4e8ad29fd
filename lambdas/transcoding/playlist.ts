/** A media playlist's segments, as RFC 8216 writes them. */
export interface Segment {
  readonly uri: string;
  readonly durationSeconds: number;
}

/** Segments of a finished media playlist; undefined when the text is none: no header, no end, or a segment without its duration. */
export function parseMediaPlaylist(text: string): readonly Segment[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines[0] !== '#EXTM3U' || lines.at(-1) !== '#EXT-X-ENDLIST') return undefined;
  const segments: Segment[] = [];
  let durationSeconds: number | undefined;
  for (const line of lines) {
    const duration = /^#EXTINF:(\d+(?:\.\d*)?)(?:,|$)/.exec(line)?.[1];
    if (duration !== undefined) durationSeconds = Number(duration);
    if (line.startsWith('#')) continue;
    if (durationSeconds === undefined) return undefined;
    segments.push({ uri: line, durationSeconds });
    durationSeconds = undefined;
  }
  return segments;
}

/** The URIs of the variants a multivariant playlist offers, in order. */
export function variantUris(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.filter((line, index) => line !== '' && !line.startsWith('#') && lines[index - 1]?.startsWith('#EXT-X-STREAM-INF:'));
}
