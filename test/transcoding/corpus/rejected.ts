import { deflateRawSync } from 'node:zlib';
import { cut, zipOf } from './change-file.ts';
import type { CorpusEntry, HostileSurroundings } from './corpus-entry.ts';
import { clip } from './recipes.ts';

const text = (write: (hostile: HostileSurroundings) => string) => ({
  bytes: (hostile: HostileSurroundings) => Buffer.from(write(hostile)),
});
const BOMB_BYTES = 64 * 1024 ** 2;

/** Files that end as a reason. */
export const rejectedEntries: readonly CorpusEntry[] = [
  {
    ...{ name: 'audio-only.mp4', what: 'sound alone', always: true },
    made: { args: ['-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac', '-f', 'mp4'], encoders: ['aac'] },
    expected: { rejected: 'NO_VIDEO_TRACK' },
  },
  {
    ...{ name: 'truncated.mp4', what: 'cut short, its index lost', always: true },
    made: clip({ format: ['-f', 'mp4'], change: cut(0.6) }),
    expected: { rejected: 'TRUNCATED' },
  },
  {
    ...{ name: 'truncated-faststart.mp4', what: 'cut short behind its index' },
    made: clip({ change: cut(0.6) }),
    expected: { rejected: 'TRUNCATED' },
  },
  {
    ...{ name: 'archive-behind-video.mp4', what: 'a whole video with a ZIP behind it' },
    made: clip({ format: ['-f', 'mp4'], change: (made) => Buffer.concat([made, zipOf('a.txt', 5, deflateRawSync(Buffer.from('hello')))]) }),
    expected: { rejected: 'FOREIGN_DATA' },
  },
  {
    ...{ name: 'truncated.mkv', what: 'a Matroska cut short' },
    made: clip({ seconds: 4, format: ['-f', 'matroska'], change: cut(0.4) }),
    expected: { rejected: 'TRUNCATED' },
  },
  { name: 'empty.mp4', what: 'zero bytes', always: true, made: text(() => ''), expected: { rejected: 'EMPTY_FILE' } },
  {
    ...{ name: 'playlist.mp4', what: 'an HLS playlist that points at a file of this machine', always: true },
    made: text(({ canaryFile }) => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${canaryFile}\n#EXT-X-ENDLIST\n`),
    expected: { rejected: 'TEXT_FILE' },
  },
  {
    ...{ name: 'concat.mp4', what: 'a concat script that points at a file of this machine', always: true },
    made: text(({ canaryFile }) => `ffconcat version 1.0\nfile '${canaryFile}'\n`),
    expected: { rejected: 'TEXT_FILE' },
  },
  {
    ...{ name: 'concat-without-signature.mov', what: 'a concat script as older ffmpegs took them' },
    made: text(({ canaryFile }) => `file '${canaryFile}'\n`),
    expected: { rejected: 'TEXT_FILE' },
  },
  {
    ...{ name: 'dash.mp4', what: 'a DASH manifest that points at a file of this machine' },
    made: text(({ canaryFile }) => `<?xml version="1.0"?>\n<MPD><BaseURL>file://${canaryFile}</BaseURL></MPD>\n`),
    expected: { rejected: 'TEXT_FILE' },
  },
  {
    ...{ name: 'bomb.mov', what: 'a ZIP that is a thousand times larger unpacked', always: true },
    made: { bytes: () => zipOf('video.mov', BOMB_BYTES, deflateRawSync(Buffer.alloc(BOMB_BYTES))) },
    expected: { rejected: 'ARCHIVE' },
  },
  {
    ...{ name: 'stream.mp4', what: 'an MPEG transport stream' },
    made: clip({ format: ['-f', 'mpegts'] }),
    expected: { rejected: 'UNSUPPORTED_CONTAINER' },
  },
  {
    ...{ name: 'h264.avi', what: 'H.264 in AVI, which MediaConvert does not decode' },
    made: clip({ audio: [], format: ['-f', 'avi'] }),
    expected: { rejected: 'UNSUPPORTED_CODEC' },
  },
  {
    ...{ name: 'tiny.mp4', what: '16×16' },
    made: clip({ width: 16, height: 16, audio: [] }),
    expected: { rejected: 'UNSUPPORTED_SIZE' },
  },
  {
    ...{ name: 'noise.mp4', what: 'bytes without any form' },
    made: { bytes: () => Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * index * 31 + (index >> 3)) & 0xff)) },
    expected: { rejected: 'NOT_A_VIDEO' },
  },
];
