import { describe, expect, it } from 'vitest';
import { sniff } from '../../lambdas/transcoding/inspect/sniff.ts';
import { box, element, isoFile } from './media-files.ts';

const hex = (text: string, bytes = 2_000) => Buffer.concat([Buffer.from(text, 'hex'), Buffer.alloc(bytes, 1)]);
const ebml = (type: string) => element('1a45dfa3', element('4282', Buffer.from(type)));
const transportStream = (offset: number, packet: number) => {
  const bytes = Buffer.alloc(2_000, 1);
  for (let at = offset; at < bytes.length; at += packet) bytes[at] = 0x47;
  return bytes;
};

describe('the first bytes of a file', () => {
  it.each<[string, Buffer, string]>([
    ['an MP4', isoFile(), 'mp4'],
    ['a MOV', isoFile({ brand: 'qt  ' }), 'quicktime'],
    ['a MOV older than its brand', box('wide', Buffer.alloc(8)), 'quicktime'],
    ['a MOV whose media comes first', Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from('mdat'), Buffer.alloc(100)]), 'quicktime'],
    ['a Matroska', ebml('matroska'), 'matroska'],
    ['a WebM', ebml('webm\0'), 'webm'],
    ['an AVI', Buffer.concat([Buffer.from('RIFF\x10\0\0\0AVI LIST'), Buffer.alloc(100)]), 'avi'],
    ['a picture of a phone', isoFile({ brand: 'heic' }), 'UNSUPPORTED_CONTAINER'],
    ['another EBML document', ebml('other'), 'UNSUPPORTED_CONTAINER'],
    ['a sound in RIFF', Buffer.from('RIFF\x10\0\0\0WAVEfmt '), 'UNSUPPORTED_CONTAINER'],
    ['a transport stream', transportStream(0, 188), 'UNSUPPORTED_CONTAINER'],
    ['a transport stream of a camera', transportStream(4, 192), 'UNSUPPORTED_CONTAINER'],
    ['a JPEG', hex('ffd8ffe0'), 'UNSUPPORTED_CONTAINER'],
    ['a Flash video', hex('464c5601'), 'UNSUPPORTED_CONTAINER'],
    ['a ZIP', hex('504b0304'), 'ARCHIVE'],
    ['a RAR', hex('526172211a07'), 'ARCHIVE'],
    ['a 7-Zip', hex('377abcaf271c'), 'ARCHIVE'],
    ['a gzip', hex('1f8b08'), 'ARCHIVE'],
    ['a tar', Buffer.concat([Buffer.alloc(257, 0x61), Buffer.from('ustar'), Buffer.alloc(300)]), 'ARCHIVE'],
    ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:6,\nhttp://169.254.169.254/latest\n'), 'TEXT_FILE'],
    ['a playlist after a mark', Buffer.from('\uFEFF#EXTM3U\nfile:///etc/passwd\n'), 'TEXT_FILE'],
    ['a playlist in UTF-16', Buffer.from('\uFEFF#EXTM3U\n', 'utf16le'), 'TEXT_FILE'],
    ['a concat script', Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"), 'TEXT_FILE'],
    ['a concat script without its mark', Buffer.from("file 'other.mp4'\n"), 'TEXT_FILE'],
    ['an XML manifest', Buffer.from('<?xml version="1.0"?><MPD/>'), 'TEXT_FILE'],
    ['a session description', Buffer.from('v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n'), 'TEXT_FILE'],
    ['Korean text, cut within a letter', Buffer.from('가'.repeat(400)).subarray(0, 1_024), 'TEXT_FILE'],
    ['text that has ftyp in the right place', Buffer.from('file ftyp.mp4 #EXTM3U\n'.padStart(23)), 'TEXT_FILE'],
    ['text that spells ftyp after four letters', Buffer.from('AAAAftypisom\n#EXTM3U\n'), 'TEXT_FILE'],
    ['text that spells mdat after four letters', Buffer.from('AAAAmdat\n#EXTM3U\n'), 'TEXT_FILE'],
    ['bytes of nothing', Buffer.alloc(500), 'NOT_A_VIDEO'],
    ['random bytes', hex('8f3a00c1d2e3f400'), 'NOT_A_VIDEO'],
    ['one byte', Buffer.from([0]), 'NOT_A_VIDEO'],
    ['nothing', Buffer.alloc(0), 'NOT_A_VIDEO'],
  ])('tell %s', (_what, head, expected) => {
    expect(sniff(head)).toBe(expected);
  });
});
