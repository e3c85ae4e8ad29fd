/** What an output group produced, as the COMPLETE event tells it. */
export interface GroupResult {
  readonly type: 'HLS_GROUP' | 'FILE_GROUP';
  /** The multivariant playlist. */
  readonly playlistFilePaths?: readonly string[];
  readonly outputs: readonly OutputResult[];
}

export interface OutputResult {
  /** HLS: the media playlist. Frame capture: the last picture only, as the service names it. */
  readonly outputFilePaths: readonly string[];
  readonly durationMs: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly averageBitrateBps?: number;
}
