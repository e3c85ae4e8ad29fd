import { posix } from 'node:path';

export interface Segment {
  readonly uri: string;
  readonly seconds: number;
  readonly bytes: number;
}

/** A rung as the multivariant playlist describes it. */
export interface Variant {
  readonly uri: string;
  readonly segments: readonly Segment[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly framesPerSecond: number;
  readonly codecs: readonly string[];
}

/** Sheets of thumbnails as the multivariant playlist describes them. */
export interface ImageVariant {
  readonly uri: string;
  readonly segments: readonly Segment[];
  /** Of one thumbnail. */
  readonly widthPx: number;
  readonly heightPx: number;
}

interface MediaPlaylistOptions {
  readonly segments: readonly Segment[];
  readonly targetSeconds: number;
}

/** EXT-X-TARGETDURATION: at least the length asked for, so that a short clip has the same as its siblings. */
export function targetDuration(segments: readonly Segment[], segmentSeconds: number, roundUp: boolean): number {
  const longest = Math.max(0, ...segments.map(({ seconds }) => seconds));
  // Ticks of 1/90,000 s leave dust behind the sixth decimal.
  const rounded = roundUp ? Math.ceil(Number(longest.toFixed(4))) : Math.round(longest);
  return Math.max(segmentSeconds, rounded);
}

export function writeMediaPlaylist({ segments, targetSeconds }: MediaPlaylistOptions): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    '#EXT-X-MEDIA-SEQUENCE:1',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...segments.flatMap(({ uri, seconds }) => [`#EXTINF:${seconds.toFixed(6)},`, uri]),
    '#EXT-X-ENDLIST',
  ];
  return `${lines.join('\n')}\n`;
}

export function writeMultivariantPlaylist(
  variants: readonly Variant[],
  options: { targetSeconds: number; withResolution: boolean; images?: ImageVariant | undefined },
): string {
  const lines = variants.flatMap((variant) => {
    const { averageBps, peakBps } = measureBitrates(variant.segments, options.targetSeconds);
    const attributes = [
      `BANDWIDTH=${peakBps}`,
      `AVERAGE-BANDWIDTH=${averageBps}`,
      `CODECS="${variant.codecs.join(',')}"`,
      ...(options.withResolution ? [`RESOLUTION=${variant.widthPx}x${variant.heightPx}`] : []),
      `FRAME-RATE=${variant.framesPerSecond.toFixed(3)}`,
    ];
    return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, variant.uri];
  });
  const images = options.images === undefined ? [] : [imageVariant(options.images)];
  return `${['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-INDEPENDENT-SEGMENTS', ...lines, ...images].join('\n')}\n`;
}

function imageVariant({ uri, segments, widthPx, heightPx }: ImageVariant): string {
  const peakBps = Math.max(...segments.map(({ bytes, seconds }) => Math.ceil((bytes * 8) / seconds)));
  return `#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=${peakBps},RESOLUTION=${widthPx}x${heightPx},CODECS="jpeg",URI="${uri}"`;
}

interface ImagePlaylistOptions {
  readonly segments: readonly Segment[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly tileSeconds: number;
}

/** An image media playlist as the Image Media Playlist specification 0.4 has it: a segment is a sheet of thumbnails, filled row by row. */
export function writeImagePlaylist({ segments, widthPx, heightPx, columns, rows, tileSeconds }: ImagePlaylistOptions): string {
  const tiles = `#EXT-X-TILES:RESOLUTION=${widthPx}x${heightPx},LAYOUT=${columns}x${rows},DURATION=${tileSeconds.toFixed(6)}`;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.ceil(Math.max(...segments.map(({ seconds }) => seconds)))}`,
    '#EXT-X-MEDIA-SEQUENCE:1',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-IMAGES-ONLY',
    ...segments.flatMap(({ uri, seconds }) => [`#EXTINF:${seconds.toFixed(6)},`, tiles, uri]),
    '#EXT-X-ENDLIST',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Average over everything, and the peak as RFC 8216 section 4.3.4.2 defines it: the highest rate of any run of segments that lasts between 0.5
 * and 1.5 target durations. A clip shorter than that is one run.
 */
export function measureBitrates(segments: readonly Segment[], targetSeconds: number): { averageBps: number; peakBps: number } {
  const total = segments.reduce((sum, { seconds, bytes }) => ({ seconds: sum.seconds + seconds, bytes: sum.bytes + bytes }), {
    seconds: 0,
    bytes: 0,
  });
  const averageBps = Math.ceil((total.bytes * 8) / total.seconds);
  let peakBps = averageBps;
  for (let start = 0; start < segments.length; start += 1) {
    let seconds = 0;
    let bytes = 0;
    for (let at = start; at < segments.length; at += 1) {
      const segment = segments[at] ?? { seconds: 0, bytes: 0 };
      seconds += segment.seconds;
      bytes += segment.bytes;
      if (seconds > 1.5 * targetSeconds) break;
      if (seconds >= 0.5 * targetSeconds) peakBps = Math.max(peakBps, Math.ceil((bytes * 8) / seconds));
    }
  }
  return { averageBps, peakBps };
}

/** The address of `toKey` as a playlist at `fromKey` writes it: relative, each part percent-encoded. */
export function relativeUri(fromKey: string, toKey: string): string {
  return posix
    .relative(posix.dirname(`/${fromKey}`), `/${toKey}`)
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
