import { expect, it } from 'vitest';
import { avcCodec } from '../../local/mediaconvert/codec-string.ts';
import {
  measureBitrates,
  relativeUri,
  type Segment,
  targetDuration,
  writeMediaPlaylist,
  writeMultivariantPlaylist,
} from '../../local/mediaconvert/playlists.ts';

const segment = (seconds: number, bytes = 1000, uri = 'index_00001.ts'): Segment => ({ uri, seconds, bytes });

it('writes a media playlist that is closed, independent and exact to the microsecond', () => {
  expect(writeMediaPlaylist({ segments: [segment(6.006), segment(0.9676333, 10, 'index_00002.ts')], targetSeconds: 6 })).toBe(
    [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-TARGETDURATION:6',
      '#EXT-X-MEDIA-SEQUENCE:1',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXTINF:6.006000,',
      'index_00001.ts',
      '#EXTINF:0.967633,',
      'index_00002.ts',
      '#EXT-X-ENDLIST',
      '',
    ].join('\n'),
  );
});

it('writes a multivariant playlist with measured bandwidths', () => {
  const variant = {
    uri: 'v1/720p/index.m3u8',
    segments: [segment(6, 750_000), segment(6, 1_500_000)],
    widthPx: 1280,
    heightPx: 720,
    framesPerSecond: 30_000 / 1001,
    codecs: ['avc1.64001f', 'mp4a.40.2'],
  };
  expect(writeMultivariantPlaylist([variant], { targetSeconds: 6, withResolution: true })).toBe(
    [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970',
      'v1/720p/index.m3u8',
      '',
    ].join('\n'),
  );
});

it('measures the peak over runs of half to one and a half target durations, never a short tail alone', () => {
  const segments = [segment(6, 6000), segment(6, 6000), segment(1, 9000)];
  // 6 s + 1 s is the heaviest run: 15,000 bytes in 7 s.
  expect(measureBitrates(segments, 6)).toEqual({ averageBps: Math.ceil((21_000 * 8) / 13), peakBps: Math.ceil((15_000 * 8) / 7) });
  expect(measureBitrates([segment(1, 500)], 6)).toEqual({ averageBps: 4000, peakBps: 4000 });
});

it('measures in time proportional to the segments, not to their square', () => {
  const segments = Array.from({ length: 100_000 }, () => segment(6));
  const started = performance.now();
  measureBitrates(segments, 6);
  expect(performance.now() - started).toBeLessThan(10_000);
});

it('rounds the target duration as the mode says, never below the length asked for', () => {
  expect(targetDuration([segment(6.006)], 6, false)).toBe(6);
  expect(targetDuration([segment(6.006)], 6, true)).toBe(7);
  expect(targetDuration([segment(6.000001)], 6, true)).toBe(6);
  expect(targetDuration([segment(2.5)], 6, false)).toBe(6);
});

it('writes addresses relative to the playlist, with each part encoded', () => {
  expect(relativeUri('encoded/a/v1.m3u8', 'encoded/a/v1/720p/index.m3u8')).toBe('v1/720p/index.m3u8');
  expect(relativeUri('a/index.m3u8', 'a/영상 1.ts')).toBe('%EC%98%81%EC%83%81%201.ts');
});

it('names the codec by the bytes of the parameter set', () => {
  expect(avcCodec(Buffer.from([0x67, 0x64, 0x00, 0x1f, 0xac]))).toBe('avc1.64001f');
  expect(avcCodec(Buffer.from([0x67, 0x42, 0xc0, 0x1e]))).toBe('avc1.42c01e');
});
