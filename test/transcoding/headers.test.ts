import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IsoMediaFacts, readIsoMedia } from '../../lambdas/transcoding/inspect/iso-media.ts';
import { lastClusterSeconds, readMatroska } from '../../lambdas/transcoding/inspect/matroska.ts';
import { box, bytesOf, element, type IsoFile, isoFile, unsigned } from './media-files.ts';

const facts = async (file: IsoFile) => (await readIsoMedia(bytesOf(isoFile(file)))) as IsoMediaFacts;

describe('an MP4 header', () => {
  it.each([0, 90, 180, 270])('tells a rotation by %i degrees', async (rotationDegrees) => {
    expect((await facts({ rotationDegrees })).video?.rotationDegrees).toBe(rotationDegrees);
  });

  it('takes a matrix that is no right angle for none', async () => {
    expect((await facts({ rotationDegrees: 45 })).video?.rotationDegrees).toBe(0);
  });

  it('tells duration, frames, the shape of pixels, the transfer of HDR, and the channels of its sound', async () => {
    const found = await facts({ pasp: [64, 45], transfer: 16, channels: 6, frames: [[300, 40]] });
    expect(found).toMatchObject({ durationSeconds: 12, fragmented: false, audioChannels: 6 });
    expect(found.video).toMatchObject({ frames: 300, durationSeconds: 12, transfer: 16, encrypted: false });
    expect(found.video?.pixelAspect).toBeCloseTo(64 / 45);
    expect((await facts({ pasp: [1, 0] })).video?.pixelAspect).toBe(1);
  });

  it.each<[string, boolean, [number, number][]]>([
    ['one length', false, [[250, 40]]],
    [
      'lengths a tick apart',
      false,
      [
        [1, 33],
        [1, 34],
        [1, 33],
        [200, 33],
        [100, 34],
      ],
    ],
    [
      'one odd last frame',
      false,
      [
        [100, 40],
        [1, 400],
      ],
    ],
    ['a single frame', false, [[1, 40]]],
    ['no frames', false, []],
    [
      'two speeds',
      true,
      [
        [100, 40],
        [100, 20],
      ],
    ],
    [
      'a phone that changes its mind',
      true,
      [
        [50, 33],
        [10, 50],
        [40, 33],
        [5, 100],
      ],
    ],
  ])('takes frames of %s for a changing rate: %s', async (_what, expected, frames) => {
    expect((await facts({ frames })).video?.variableFrameRate).toBe(expected);
  });

  it('is found behind the media, read by its own blocks only', async () => {
    const file = isoFile({ moovFirst: false, mediaBytes: 3_000_000 });
    let read = 0;
    const counting = {
      sizeBytes: file.length,
      read: async (at: number, length: number) => {
        read += length;
        return file.subarray(at, at + length);
      },
    };
    expect(await readIsoMedia(counting)).toMatchObject({ durationSeconds: 10 });
    expect(read).toBeLessThan(100_000);
  });

  it('tells an encrypted track, a track of sound alone, and none', async () => {
    expect((await facts({ sampleEntry: 'encv' })).video?.encrypted).toBe(true);
    expect(await facts({ handler: 'soun' })).toMatchObject({ video: undefined });
  });

  it('tells a file that ends too early, with the index or without', async () => {
    const whole = isoFile({ mediaBytes: 5_000 });
    expect(await readIsoMedia(bytesOf(whole.subarray(0, whole.length - 1_000)))).toBe('truncated');
    const late = isoFile({ moovFirst: false, mediaBytes: 5_000 });
    expect(await readIsoMedia(bytesOf(late.subarray(0, 3_000)))).toBe('truncated');
    expect(await readIsoMedia(bytesOf(box('ftyp', Buffer.from('isom\0\0\0\0'))))).toBe('missing-index');
  });

  it('is read to an end whatever the bytes are', async () => {
    const file = isoFile({ channels: 2, pasp: [1, 1], transfer: 16 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 40 }), async (changes) => {
        const broken = Buffer.from(file);
        for (const [at, byte] of changes) broken[at] = byte;
        await expect(readIsoMedia(bytesOf(broken))).resolves.toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});

const header = element('1a45dfa3', element('4282', Buffer.from('matroska')));
const double = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};
const info = element('1549a966', [element('2ad7b1', unsigned(1_000_000)), element('4489', double(12_500))]);
const video = (...fields: Buffer[]) => element('ae', [element('83', unsigned(1)), element('86', Buffer.from('V_VP9')), ...fields]);
const sound = element('ae', [element('83', unsigned(2)), element('e1', element('9f', unsigned(6)))]);
const picture = (...fields: Buffer[]) => element('e0', [element('b0', unsigned(720)), element('ba', unsigned(576)), ...fields]);
const cluster = (ms: number) => element('1f43b675', [element('e7', unsigned(ms)), Buffer.alloc(50)]);
const matroska = (...parts: Buffer[]) => Buffer.concat([header, element('18538067', parts, 'unknown')]);

describe('a Matroska header', () => {
  it('tells duration, a constant rate, the shape of pixels, interlacing, HDR and channels', async () => {
    const fields = [
      element('23e383', unsigned(40_000_000)),
      picture(
        element('54b0', unsigned(1024)),
        element('54ba', unsigned(576)),
        element('9a', unsigned(1)),
        element('55b0', element('55ba', unsigned(18))),
      ),
    ];
    const found = await readMatroska(
      bytesOf(matroska(element('ec', Buffer.alloc(90)), info, element('1654ae6b', [video(...fields), sound]), cluster(0))),
    );
    expect(found).toMatchObject({
      durationSeconds: 12.5,
      audioChannels: 6,
      video: { frameSeconds: 0.04, interlaced: true, transfer: 18, encrypted: false },
    });
    expect(found?.video?.pixelAspect).toBeCloseTo(1024 / 720);
  });

  it.each([0, 10_000])('tells where its clock stands at its first cluster, at %i ms', async (ms) => {
    const file = bytesOf(
      matroska(info, element('1654ae6b', [video(picture())]), element('ec', Buffer.alloc(9)), cluster(ms), cluster(ms + 4_000)),
    );
    expect(await readMatroska(file)).toMatchObject({ startSeconds: ms / 1_000 });
  });

  it('without a duration is as long as its last cluster says', async () => {
    const file = bytesOf(
      matroska(element('1549a966', Buffer.alloc(0)), element('1654ae6b', [video(picture())]), cluster(0), cluster(4_000), cluster(9_000)),
    );
    expect(await readMatroska(file)).toMatchObject({
      durationSeconds: undefined,
      audioChannels: undefined,
      video: { frameSeconds: undefined, pixelAspect: 1 },
    });
    expect(await lastClusterSeconds(file)).toBe(9);
  });

  it('tells a file that ends before its segment does', async () => {
    const parts = [info, element('1654ae6b', [video(picture())]), cluster(0), cluster(4_000)];
    const whole = Buffer.concat([header, element('18538067', parts)]);
    expect(await readMatroska(bytesOf(whole))).toMatchObject({ truncated: false });
    expect(await readMatroska(bytesOf(whole.subarray(0, whole.length - 40)))).toMatchObject({ truncated: true });
    expect(await readMatroska(bytesOf(matroska(...parts)))).toMatchObject({ truncated: false });
  });

  it('without tracks is none', async () => {
    expect(await readMatroska(bytesOf(matroska(cluster(0))))).toBeUndefined();
    expect(await readMatroska(bytesOf(header))).toBeUndefined();
    expect(await readMatroska(bytesOf(Buffer.alloc(100)))).toBeUndefined();
  });

  it('is read to an end whatever the bytes are', async () => {
    const file = matroska(info, element('1654ae6b', [video(picture()), sound]), cluster(0));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 40 }), async (changes) => {
        const broken = Buffer.from(file);
        for (const [at, byte] of changes) broken[at] = byte;
        await readMatroska(bytesOf(broken));
        await lastClusterSeconds(bytesOf(broken));
      }),
      { numRuns: 500 },
    );
  });
});
