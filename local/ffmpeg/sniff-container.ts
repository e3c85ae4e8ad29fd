/** Containers an upload may be, by MediaConvert's names (Probe's `Format`). */
export type ContainerFormat = 'mp4' | 'quicktime' | 'three_gp' | 'three_g2' | 'matroska' | 'webm' | 'avi' | 'mpegts';

/** How much of a file `sniffContainer` wants to see. */
export const SNIFF_BYTES = 4_096;

/** Top-level atoms that may open a QuickTime file older than `ftyp`. */
const OLD_QUICKTIME_ATOMS = ['moov', 'mdat', 'free', 'skip', 'wide', 'pnot'];

/**
 * The container a file's first bytes show, whatever its name says; undefined for everything else. A list of what is let in rather than of
 * what is kept out, so that playlists, concat scripts, archives and other text in a video's clothes never reach a demuxer.
 */
export function sniffContainer(head: Buffer): ContainerFormat | undefined {
  const atom = head.toString('latin1', 4, 8);
  if (atom === 'ftyp') return brandOf(head.toString('latin1', 8, 12));
  if (OLD_QUICKTIME_ATOMS.includes(atom)) return 'quicktime';
  if (head.length >= 4 && head.readUInt32BE(0) === 0x1a45dfa3) return head.subarray(0, 128).includes('webm') ? 'webm' : 'matroska';
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 11) === 'AVI') return 'avi';
  if (syncsAt(head, 0, 188) || syncsAt(head, 4, 192)) return 'mpegts';
  return undefined;
}

function brandOf(brand: string): ContainerFormat {
  if (brand === 'qt  ') return 'quicktime';
  if (brand.startsWith('3gp')) return 'three_gp';
  return brand.startsWith('3g2') ? 'three_g2' : 'mp4';
}

/** Whether the transport stream's sync byte stands at the head of the first five packets. */
function syncsAt(head: Buffer, offset: number, packetBytes: number): boolean {
  const last = offset + 4 * packetBytes;
  if (head.length <= last) return false;
  for (let at = offset; at <= last; at += packetBytes) if (head[at] !== 0x47) return false;
  return true;
}
