import { FaultLog } from './fault-log.ts';
import { readMediaPlaylist } from './media-playlist.ts';
import { storyboardCues, storyboardVtt, tileSheets } from './storyboard.ts';

/**
 * The text of `storyboard.vtt` from the image playlist that the check named (`storyboard.playlist`) and the checked duration; undefined when the playlist
 * holds no usable tiles, which an output that passed never does.
 */
export function writeStoryboard(imagePlaylist: Uint8Array, playlistFile: string, videoSeconds: number): string | undefined {
  const sheets = tileSheets(readMediaPlaylist(imagePlaylist, playlistFile, new FaultLog()), playlistFile);
  return sheets === undefined || sheets.length === 0 ? undefined : storyboardVtt(storyboardCues(sheets, videoSeconds));
}
