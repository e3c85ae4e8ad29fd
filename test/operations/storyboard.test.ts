import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStoryboard, tileAt } from '../../lambdas/operations/page/storyboard.ts';
import { storyboardVtt } from '../../lambdas/transcoding/check/storyboard.ts';

const BASE = 'https://cdn.example/encoded/a/0123456789ab/storyboard.vtt';

describe('a storyboard', () => {
  it('is read back as publishing writes it, whatever the files are called and however long the video is', () => {
    const cue = fc.record({
      file: fc.constantFrom('360p/tiles_0.jpg', '360p/한글 #1 tiles.jpg', 'a?b.jpg'),
      startMs: fc.integer({ min: 0, max: 200 * 3_600_000 }),
      xPx: fc.nat(4096),
      yPx: fc.nat(4096),
      widthPx: fc.integer({ min: 1, max: 512 }),
      heightPx: fc.integer({ min: 1, max: 512 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(cue, { selector: ({ startMs }) => startMs }), (cues) => {
        const inOrder = cues.toSorted((one, other) => one.startMs - other.startMs);
        const vtt = storyboardVtt(
          inOrder.map(({ startMs, ...rest }) => ({ ...rest, startSeconds: startMs / 1000, endSeconds: startMs / 1000 + 1 })),
        );
        const tiles = parseStoryboard(vtt, BASE);
        expect(tiles).toHaveLength(inOrder.length);
        for (const [index, { file, startMs, ...rectangle }] of inOrder.entries()) {
          expect(tiles[index]).toMatchObject(rectangle);
          expect(tiles[index]?.startSeconds).toBeCloseTo(startMs / 1000, 3);
          expect(tiles[index]?.url).toBe(`https://cdn.example/encoded/a/0123456789ab/${file.split('/').map(encodeURIComponent).join('/')}`);
        }
      }),
    );
  });

  it('is read with CRLF, short times, cue names and notes', () => {
    const vtt = 'WEBVTT\r\n\r\nNOTE made by hand\r\n\r\n7\r\n00:01.500 --> 00:02.000\r\nt.jpg#xywh=pixel:1,2,3,4\r\n';
    expect(parseStoryboard(vtt, BASE)).toEqual([
      { startSeconds: 1.5, url: 'https://cdn.example/encoded/a/0123456789ab/t.jpg', xPx: 1, yPx: 2, widthPx: 3, heightPx: 4 },
    ]);
  });

  it.each([
    ['no WebVTT', '<!doctype html>\n\n00:00.000 --> 00:01.000\nt.jpg#xywh=0,0,1,1'],
    ['a cue without a rectangle', 'WEBVTT\n\n00:00.000 --> 00:01.000\nt.jpg'],
    ['an empty rectangle', 'WEBVTT\n\n00:00.000 --> 00:01.000\nt.jpg#xywh=0,0,0,90'],
    ['a picture of another origin', 'WEBVTT\n\n00:00.000 --> 00:01.000\nhttps://other.example/t.jpg#xywh=0,0,1,1'],
    ['no URL', 'WEBVTT\n\n00:00.000 --> 00:01.000\nhttps://[#xywh=0,0,1,1'],
    ['a cue without a payload', 'WEBVTT\n\n00:00.000 --> 00:01.000'],
  ])('passes over %s', (_of, vtt) => {
    expect(parseStoryboard(vtt, BASE)).toEqual([]);
  });

  it('shows the latest picture that has begun, and the first before any has', () => {
    const tile = (startSeconds: number) => ({ startSeconds, url: '', xPx: startSeconds, yPx: 0, widthPx: 1, heightPx: 1 });
    const tiles = [tile(1), tile(2), tile(3)];
    expect([0, 1, 1.99, 2, 99].map((seconds) => tileAt(tiles, seconds)?.xPx)).toEqual([1, 1, 1, 2, 3]);
    expect(tileAt([], 1)).toBeUndefined();
  });
});
