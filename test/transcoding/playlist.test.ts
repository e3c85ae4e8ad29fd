import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMediaPlaylist, variantUris } from '../../lambdas/transcoding/playlist.ts';

const media = (...lines: string[]) => ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:6', ...lines, '#EXT-X-ENDLIST', ''].join('\n');

describe('a media playlist', () => {
  it('is read as its segments, in order', () => {
    const text = media(
      '#EXTINF:6.006,',
      'a_00001.ts',
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:2,a title',
      '',
      '#EXT-X-PROGRAM-DATE-TIME:2026',
      'b.ts',
    );
    const segments = [
      { uri: 'a_00001.ts', durationSeconds: 6.006 },
      { uri: 'b.ts', durationSeconds: 2 },
    ];
    expect(parseMediaPlaylist(text)).toEqual(segments);
    expect(parseMediaPlaylist(text.replaceAll('\n', '\r\n'))).toEqual(segments);
  });

  it.each([
    ['nothing', ''],
    ['no header', media('#EXTINF:6,', 'a.ts').slice('#EXTM3U\n'.length)],
    ['no end: it is still being written', media('#EXTINF:6,', 'a.ts').replace('#EXT-X-ENDLIST\n', '')],
    ['a segment without a duration', media('a.ts')],
    ['a second segment without a duration', media('#EXTINF:6,', 'a.ts', 'b.ts')],
    ['a duration that is no number', media('#EXTINF:six,', 'a.ts')],
    ['a duration of two numbers', media('#EXTINF:6.0.1,', 'a.ts')],
    ['a duration of a point alone', media('#EXTINF:.,', 'a.ts')],
    ['an error page', '<html>AccessDenied</html>'],
    ['a multivariant playlist', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex_360p.m3u8\n'],
  ])('is none where there is %s', (_what, text) => {
    expect(parseMediaPlaylist(text)).toBeUndefined();
  });

  it('without segments has none', () => {
    expect(parseMediaPlaylist(media())).toEqual([]);
  });

  it('may hold any text without more than an answer coming of it', () => {
    const line = fc.oneof(fc.constantFrom('#EXTM3U', '#EXT-X-ENDLIST', '#EXTINF:6,', '#EXTINF:', 'a.ts', ''), fc.string());
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const segments = parseMediaPlaylist(lines.join('\n'));
        for (const { uri, durationSeconds } of segments ?? []) {
          expect(uri).not.toBe('');
          expect(durationSeconds).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('a multivariant playlist', () => {
  it('offers the URIs after its STREAM-INF tags, and no others', () => {
    const text = [
      '#EXTM3U',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="b",URI="audio.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360',
      'index_360p.m3u8',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="i.m3u8"',
      'stray.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=2',
      'index_720p.m3u8',
      '',
    ];
    expect(variantUris(text.join('\n'))).toEqual(['index_360p.m3u8', 'index_720p.m3u8']);
    expect(variantUris(text.join('\r\n'))).toEqual(['index_360p.m3u8', 'index_720p.m3u8']);
  });

  it('offers nothing where there is nothing', () => {
    expect(variantUris('')).toEqual([]);
    expect(variantUris('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2\n\n')).toEqual([]);
  });
});
