import type { RejectionCode } from '../reasons.ts';
import { documentTypeOf } from './matroska.ts';

/** Containers that are let in, by Probe's names. */
export type ContainerFormat = 'mp4' | 'quicktime' | 'matroska' | 'webm' | 'avi';

/** How much of a file `sniff` wants to see. */
export const SNIFF_BYTES = 4_096;

/** Top-level boxes that may open a QuickTime file older than `ftyp`. */
const OLD_QUICKTIME = new Set(['moov', 'mdat', 'free', 'skip', 'wide', 'pnot']);
const PICTURE_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'mif1', 'msf1', 'avif', 'avis', 'crx ']);

const ARCHIVES = ['504b0304', '504b0506', '504b0708', '52617221', '377abcaf271c', '1f8b', '425a68', 'fd377a585a00', '28b52ffd'];
/** Known media that are no container of ours: FLV, Ogg, ASF, MXF, program stream, WAVE and WebP (RIFF), ID3, JPEG, PNG, GIF, FLAC. */
const OTHER_MEDIA = [
  '464c56',
  '4f676753',
  '3026b2758e66cf11',
  '060e2b34',
  '000001ba',
  '52494646',
  '494433',
  'ffd8ff',
  '89504e47',
  '47494638',
  '664c6143',
];

/**
 * What a file is by its first bytes, whatever its name says. A list of what is let in rather than of what is kept out: playlists, concat
 * scripts, archives and other text in a video's clothes never reach a demuxer that might follow them.
 */
export function sniff(head: Buffer): ContainerFormat | RejectionCode {
  const box = head.toString('latin1', 4, 8);
  if (box === 'ftyp') return brandOf(head);
  if (OLD_QUICKTIME.has(box) && isBoxSize(head)) return 'quicktime';
  const hex = head.toString('hex', 0, 16);
  if (hex.startsWith('1a45dfa3')) return documentOf(head);
  if (hex.startsWith('52494646') && head.toString('latin1', 8, 12) === 'AVI ') return 'avi';
  if (ARCHIVES.some((signature) => hex.startsWith(signature)) || head.toString('latin1', 257, 262) === 'ustar') return 'ARCHIVE';
  if (OTHER_MEDIA.some((signature) => hex.startsWith(signature)) || isTransportStream(head)) return 'UNSUPPORTED_CONTAINER';
  return isText(head) ? 'TEXT_FILE' : 'NOT_A_VIDEO';
}

/** A `ftyp` is short: four letters in the right place do not make one of a text. */
function brandOf(head: Buffer): ContainerFormat | RejectionCode {
  const bytes = head.readUInt32BE(0);
  if (bytes < 12 || bytes > 4_096 || head.length < 12) return isText(head) ? 'TEXT_FILE' : 'NOT_A_VIDEO';
  const brand = head.toString('latin1', 8, 12);
  if (PICTURE_BRANDS.has(brand)) return 'UNSUPPORTED_CONTAINER';
  return brand === 'qt  ' ? 'quicktime' : 'mp4';
}

/** 0 is "to the end", 1 announces a size of 64 bits. */
function isBoxSize(head: Buffer): boolean {
  const bytes = head.readUInt32BE(0);
  return bytes === 0 || bytes === 1 || (bytes >= 8 && !isText(head));
}

function documentOf(head: Buffer): ContainerFormat | RejectionCode {
  const type = documentTypeOf(head);
  return type === 'webm' || type === 'matroska' ? type : 'UNSUPPORTED_CONTAINER';
}

/** Whether the transport stream's sync byte stands at the head of the first five packets, of 188 bytes or with a time stamp before each. */
function isTransportStream(head: Buffer): boolean {
  return [
    [0, 188],
    [4, 192],
  ].some(([offset = 0, packet = 0]) => [0, 1, 2, 3, 4].every((index) => head[offset + index * packet] === 0x47));
}

/** Text in UTF-8, or in UTF-16 with its mark: no control characters but those of lines. */
function isText(head: Buffer): boolean {
  if (head.length === 0) return false;
  const mark = head.toString('hex', 0, 2);
  if (mark === 'fffe' || mark === 'feff') return true;
  const text = head.subarray(0, 1_024).toString('utf8');
  // The cut may fall into a character: the last one may be broken.
  return !/[^\P{Cc}\t\n\f\r]|\uFFFD(?!$)/u.test(text);
}
