/** A rendition as it was measured: what the multivariant playlist says about it. */
export interface MeasuredRendition {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** RFC 6381, comma-separated. */
  readonly codecs: string;
  readonly frameRate: number;
  readonly averageBandwidthBps: number;
  /** The peak of check 27. */
  readonly bandwidthBps: number;
}

/** Apple 1.32, for Wi-Fi: what a player starts with before it knows the network. */
export const START_UP_BPS = 2_000_000;

/** Where a rung's media playlist lies below the multivariant playlist. */
export function mediaPlaylistUri(name: string): string {
  return `${name}/index_${name}.m3u8`;
}

/** The start-up choice first, by its average the nearest rung to 2 Mb/s; then the others, highest first. */
export function inPlaylistOrder<Rendition extends Pick<MeasuredRendition, 'averageBandwidthBps'>>(
  renditions: readonly Rendition[],
): readonly Rendition[] {
  const distance = ({ averageBandwidthBps }: Rendition) => Math.abs(Math.log(Math.max(1, averageBandwidthBps) / START_UP_BPS));
  const descending = [...renditions].sort((one, other) => other.averageBandwidthBps - one.averageBandwidthBps);
  const [startUp] = [...descending].sort((one, other) => distance(one) - distance(other));
  return startUp === undefined ? [] : [startUp, ...descending.filter((rendition) => rendition !== startUp)];
}

/** The multivariant playlist that players get, from what was measured: it is right whoever encoded. */
export function writeMultivariant(renditions: readonly MeasuredRendition[]): string {
  const variants = inPlaylistOrder(renditions).flatMap((rendition) => [
    `#EXT-X-STREAM-INF:${[
      `BANDWIDTH=${rendition.bandwidthBps}`,
      `AVERAGE-BANDWIDTH=${rendition.averageBandwidthBps}`,
      `CODECS="${rendition.codecs}"`,
      `RESOLUTION=${rendition.widthPx}x${rendition.heightPx}`,
      `FRAME-RATE=${rendition.frameRate.toFixed(3)}`,
    ].join(',')}`,
    mediaPlaylistUri(rendition.name),
  ]);
  return `${['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-INDEPENDENT-SEGMENTS', ...variants].join('\n')}\n`;
}
