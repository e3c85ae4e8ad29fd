import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultLog } from '../../../lambdas/transcoding/check/fault-log.ts';
import { jpegSize } from '../../../lambdas/transcoding/check/jpeg-size.ts';
import { readMediaPlaylist } from '../../../lambdas/transcoding/check/media-playlist.ts';
import { storyboardCues, storyboardVtt, type TileSheet, tileSheets } from '../../../lambdas/transcoding/check/storyboard.ts';
import { checkCues } from '../../../lambdas/transcoding/check/storyboard-rules.ts';

const sheetsOf = (...lines: string[]) =>
  tileSheets(
    readMediaPlaylist(
      Buffer.from(['#EXTM3U', '#EXT-X-IMAGES-ONLY', ...lines, '#EXT-X-ENDLIST'].join('\n')),
      '360p/images.m3u8',
      new FaultLog(),
    ),
    '360p/images.m3u8',
  );

function sheet(fields: Partial<TileSheet> = {}): TileSheet {
  const times = { startSeconds: 0, durationSeconds: 12, tileSeconds: 2 };
  return { file: '360p/a 1.jpg', ...times, tileWidthPx: 160, tileHeightPx: 90, columns: 3, rows: 2, ...fields };
}

describe('an image playlist', () => {
  it('is read sheet after sheet, each with its own tiles', () => {
    const sheets = sheetsOf(
      '#EXTINF:54,',
      '#EXT-X-TILES:RESOLUTION=312x176,LAYOUT=3x3,DURATION=6',
      'a_1.jpg',
      '#EXTINF:2,',
      '#EXT-X-TILES:RESOLUTION=312x176,LAYOUT="3x3",DURATION=2',
      'a_2.jpg',
    );
    expect(sheets).toEqual([
      sheet({ file: '360p/a_1.jpg', durationSeconds: 54, tileSeconds: 6, tileWidthPx: 312, tileHeightPx: 176, rows: 3 }),
      sheet({ file: '360p/a_2.jpg', startSeconds: 54, durationSeconds: 2, tileSeconds: 2, tileWidthPx: 312, tileHeightPx: 176, rows: 3 }),
    ]);
  });

  it('may describe the tiles of all sheets once, before them', () => {
    const sheets = sheetsOf('#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=3x2,DURATION=2', '#EXTINF:12,', 'a.jpg', '#EXTINF:12,', 'b.jpg');
    expect(sheets?.map(({ file, startSeconds, tileSeconds }) => [file, startSeconds, tileSeconds])).toEqual([
      ['360p/a.jpg', 0, 2],
      ['360p/b.jpg', 12, 2],
    ]);
  });

  it('without usable tiles is none', () => {
    expect(sheetsOf('#EXTINF:12,', 'a.jpg')).toBeUndefined();
    expect(sheetsOf('#EXTINF:12,', '#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=0x2,DURATION=2', 'a.jpg')).toBeUndefined();
    expect(sheetsOf('#EXTINF:12,', '#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=3x2,DURATION=0', 'a.jpg')).toBeUndefined();
    expect(sheetsOf('#EXTINF:12,', '#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=3x2,DURATION=2', 'https://a.example/a.jpg')).toBeUndefined();
  });
});

describe('the storyboard', () => {
  it('is WebVTT with a tile a cue, the last one to the end of the video', () => {
    expect(storyboardVtt(storyboardCues([sheet()], 7.5))).toBe(
      [
        'WEBVTT',
        '',
        '00:00:00.000 --> 00:00:02.000',
        '360p/a%201.jpg#xywh=0,0,160,90',
        '',
        '00:00:02.000 --> 00:00:04.000',
        '360p/a%201.jpg#xywh=160,0,160,90',
        '',
        '00:00:04.000 --> 00:00:06.000',
        '360p/a%201.jpg#xywh=320,0,160,90',
        '',
        '00:00:06.000 --> 00:00:07.500',
        '360p/a%201.jpg#xywh=0,90,160,90',
        '',
      ].join('\n'),
    );
  });

  it('counts hours', () => {
    const [cue] = storyboardCues([sheet({ startSeconds: 10_860.5 })], 10_862);
    expect(storyboardVtt(cue === undefined ? [] : [cue])).toContain('03:01:00.500 --> 03:01:02.000\n');
  });

  const checked = (sheets: readonly TileSheet[], videoSeconds: number, sheetSize = { widthPx: 480, heightPx: 180 }) => {
    const faults = new FaultLog();
    const sizes = new Map(sheets.map(({ file }) => [file, sheetSize]));
    checkCues(storyboardCues(sheets, videoSeconds), videoSeconds, sizes, 'images.m3u8', faults);
    return faults.listed.map(({ found }) => found);
  };

  it('covers a video of any length without gaps when its sheets do', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 3000, noNaN: true }),
        fc.double({ min: 0.5, max: 10, noNaN: true }),
        (videoSeconds, tileSeconds) => {
          const sheetSeconds = tileSeconds * 6;
          const sheets = Array.from({ length: Math.ceil(videoSeconds / sheetSeconds) }, (_, index) =>
            sheet({ file: `${index}.jpg`, startSeconds: index * sheetSeconds, durationSeconds: sheetSeconds, tileSeconds }),
          );
          expect(checked(sheets, videoSeconds)).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is refused when it ends early, leaves its sheet, or does not divide it', () => {
    expect(checked([sheet()], 15)).toEqual(['cues that end at 12.000 s']);
    expect(checked([sheet({ durationSeconds: 14 })], 14)).toEqual(['a tile at 0,180,160,90']);
    expect(checked([sheet()], 12, { widthPx: 490, heightPx: 180 })).toEqual(['a sheet of 490x180']);
    expect(checked([], 12)).toEqual(['cues that end at 0.000 s']);
    expect(checked([sheet({ startSeconds: 1 })], 12)).toContain('a gap at 0.000 s');
  });
});

describe("a JPEG's size", () => {
  const head = (...segments: number[][]) => Uint8Array.from([0xff, 0xd8, ...segments.flat()]);
  const frame = (marker: number) => [0xff, marker, 0, 17, 8, 0x01, 0x68, 0x02, 0x80, 3, 1];

  it('is in its frame header, behind its metadata', () => {
    const metadata = [0xff, 0xe0, 0, 6, 1, 2, 3, 4];
    for (const marker of [0xc0, 0xc1, 0xc2])
      expect(jpegSize(head(metadata, [0xff], frame(marker)))).toEqual({ widthPx: 640, heightPx: 360 });
    expect(jpegSize(head([0xff, 0xc4, 0, 2], frame(0xc0)))).toEqual({ widthPx: 640, heightPx: 360 });
  });

  it('of anything else is none', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => bytes[0] === 0xff || jpegSize(bytes) === undefined));
    expect(jpegSize(head([0xff, 0xe0, 0xff, 0xff]))).toBeUndefined();
    expect(jpegSize(head([0xff, 0xe0, 0, 0], [0xff, 0xe0, 0, 0]))).toBeUndefined();
  });
});
