import { describe, expect, it } from 'vitest';
import { newFindings } from '../../../lambdas/transcoding/check/fault-log.ts';
import { readMediaPlaylist } from '../../../lambdas/transcoding/check/media-playlist.ts';
import { checkMediaPlaylist } from '../../../lambdas/transcoding/check/playlist-rules.ts';
import { resolveUri } from '../../../lambdas/transcoding/check/relative-uri.ts';

const FRAME = 1 / 30;

function found(durations: readonly string[], lines: readonly string[] = [], target = '6') {
  const segments = durations.map((duration, index) => `#EXTINF:${duration},\nindex_${index}.ts`);
  const head = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${target}`, '#EXT-X-PLAYLIST-TYPE:VOD'];
  const findings = newFindings();
  const text = [...head, ...lines, ...segments, '#EXT-X-ENDLIST', ''].join('\n');
  checkMediaPlaylist(readMediaPlaylist(Buffer.from(text), 'a.m3u8', findings.faults), 'a.m3u8', FRAME, findings);
  return { faults: findings.faults.listed.map(({ check }) => check), warnings: findings.warnings.listed.map(({ check }) => check) };
}

describe('a media playlist', () => {
  it.each<[string, readonly string[], number[], number[]]>([
    ['of six seconds and a rest', ['6.000', '6.000', '3.200'], [], []],
    ['of 6.006 seconds, as at 29.97', ['6.006', '6.006', '3.200'], [], []],
    ['that ends in a very short segment is warned of', ['6.000', '0.400'], [], [11]],
    ['of one very short segment is a short clip', ['0.400'], [], []],
    ['of whole seconds is warned of', ['6', '6', '2'], [], [12]],
    ['of two decimals is warned of', ['6.00', '2.00'], [], [12]],
    ['of a segment a frame and more off', ['6.040', '2.000'], [10], []],
    ['of a segment that rounds up', ['6.000', '6.500'], [8], []],
    ['of nothing', [], [14], []],
  ])('%s', (_what, durations, faults, warnings) => {
    expect(found(durations)).toEqual({ faults, warnings });
  });

  it('may state a shorter target when it is one short segment, and only then', () => {
    expect(found(['2.500'], [], '3').faults).toEqual([]);
    expect(found(['2.500', '2.500'], [], '3').faults).toContain(7);
    expect(found(['2.500'], [], '7').faults).toEqual([7]);
    expect(found(['2.500'], [], '6.0').faults).toEqual([]);
    expect(found(['2.500'], [], 'six').faults).toEqual([7]);
  });

  it.each([
    ['byte ranges', '#EXT-X-BYTERANGE:100@0'],
    ['a map', '#EXT-X-MAP:URI="init.mp4"'],
    ['I-frames only', '#EXT-X-I-FRAMES-ONLY'],
  ])('of version 3 has no %s', (_what, line) => {
    expect(found(['6.000', '2.000'], [line]).faults).toEqual([4]);
  });
});

describe('a URI', () => {
  it.each([
    ['index_00001.ts', '720p/index_00001.ts'],
    ['./a%20b.ts', '720p/a b.ts'],
    ['sub/a.ts', '720p/sub/a.ts'],
  ])('%s leads to %s', (uri, file) => {
    expect(resolveUri('720p/index.m3u8', uri)).toEqual({ file });
  });

  it.each([
    '/a.ts',
    '//a.example/a.ts',
    'https://a.example/a.ts',
    'S3:a',
    '../a.ts',
    '%2e%2e/a.ts',
    'a/../../b.ts',
    'a.ts?x=1',
    'a.ts#t=1',
    'a\\b.ts',
    '%zz.ts',
  ])('%s is refused', (uri) => {
    expect(resolveUri('720p/index.m3u8', uri)).toHaveProperty('refused');
  });
});
