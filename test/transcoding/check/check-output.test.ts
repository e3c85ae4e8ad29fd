import { beforeAll, describe, expect, it } from 'vitest';
import { parseInput } from '../../../lambdas/step.ts';
import { CheckOutputInput, type CheckOutputOutput, checkOutput } from '../../../lambdas/transcoding/check-output.ts';
import { change, changeText, PID, packets, recount, replaceAll, shiftPts, shiftTimes, without } from './damage.ts';
import { checkInput, type EncodeOptions, encodeOutput, type Files } from './encoded-output.ts';
import { bucketWith } from './fake-bucket.ts';

type Verdict = Extract<CheckOutputOutput, { continue: false }>;

async function verdict(files: Files, input: CheckOutputInput = checkInput()): Promise<Verdict> {
  const output = await checkOutput(parseInput(CheckOutputInput, input), { s3: bucketWith(files), timeLeftMs: () => 900_000 });
  if (output.continue) throw new Error('the check did not end');
  return output;
}

const checksOf = ({ faults }: Verdict) => [...new Set(faults.map(({ check }) => check))].sort((one, other) => one - other);

let sound: Files;
beforeAll(async () => {
  sound = await encodeOutput();
});
const copy = (): Files => new Map(sound);

describe('an output without a fault', () => {
  it('passes, with everything publishing needs', async () => {
    const result = await verdict(copy());
    expect(result.faults).toEqual([]);
    expect(result.passed).toBe(true);
    expect(result.warnings).toEqual([]);
    expect(result.durationSeconds).toBeCloseTo(14, 6);
    expect(result.totalBytes).toBe([...sound.values()].reduce((sum, { length }) => sum + length, 0));
    expect(result.renditions.map(({ name, widthPx, heightPx, frameRate }) => [name, widthPx, heightPx, frameRate])).toEqual([
      ['180p', 320, 180, 30],
      ['90p', 160, 90, 30],
    ]);
    expect(result.renditions[0]?.codecs).toMatch(/^avc1\.6400[01][0-9a-f],mp4a\.40\.2$/);
    expect(result.storyboard).toEqual({
      playlist: '90p/index_images.m3u8',
      sheets: 1,
      cues: 7,
      tileWidthPx: 64,
      tileHeightPx: 36,
      columns: 4,
      rows: 2,
      intervalSeconds: 2,
    });
  });

  it.each<[string, EncodeOptions, Partial<CheckOutputInput['promised']>]>([
    ['without sound', { audio: false }, { hasAudio: false }],
    ['at 29.97 pictures a second', { rate: '30000/1001' }, { framesPerSecond: 29.97 }],
    ['at 23.976 pictures a second, whose ticks are no whole number', { rate: '24000/1001' }, { framesPerSecond: 23.976 }],
    ['at 25 pictures a second', { rate: '25' }, { framesPerSecond: 25 }],
    ['at 60 pictures a second', { rate: '60', seconds: 7 }, { framesPerSecond: 60, durationSeconds: 7 }],
    ['of one short segment', { seconds: 1 }, { durationSeconds: 1 }],
    ['with a tail of one picture', { seconds: 6 + 1 / 30 }, { durationSeconds: 6.033 }],
  ])('passes %s', async (_what, options, promised) => {
    const result = await verdict(await encodeOutput(options), checkInput(promised));
    expect(result.faults).toEqual([]);
  });

  it('may have been published before: its multivariant playlist and storyboard are no orphans', async () => {
    const files = copy().set('index.m3u8', Buffer.from('#EXTM3U\n')).set('storyboard.vtt', Buffer.from('WEBVTT\n'));
    expect((await verdict(files)).passed).toBe(true);
  });
});

const segment = (number: number, rung = '180p') => `${rung}/index_${rung}_0000${number}.ts`;
const PLAYLIST = '180p/index_180p.m3u8';
const IMAGES = '90p/index_images.m3u8';
/** Start code and header of a sequence parameter set, and the profile. */
const SPS = Buffer.from([0, 0, 1, 0x67, 100]);

function swap(files: Files, one: string, other: string): void {
  const [first, second] = [files.get(one), files.get(other)];
  if (first === undefined || second === undefined) throw new Error('nothing to swap');
  files.set(one, second).set(other, first);
}

describe('planted damage is found by its check', () => {
  it.each<[check: number, what: string, damage: (files: Files) => void]>([
    [1, 'a byte order mark', (files) => change(files, PLAYLIST, (text) => Buffer.concat([Buffer.from('\ufeff'), text]))],
    [1, 'a playlist without its first line', (files) => changeText(files, PLAYLIST, '#EXTM3U\n', '')],
    [1, 'bytes that are not UTF-8', (files) => change(files, PLAYLIST, (text) => Buffer.concat([text, Buffer.from([0x23, 0xff, 0x0a])]))],
    [1, 'a control character', (files) => changeText(files, PLAYLIST, '#EXT-X-VERSION', '#a\u0007\n#EXT-X-VERSION')],
    [2, 'an absolute URI', (files) => changeText(files, PLAYLIST, 'index_180p_00002.ts', 'https://a.example/b.ts')],
    [2, 'a URI with a query', (files) => changeText(files, PLAYLIST, 'index_180p_00002.ts', 'index_180p_00002.ts?token=1')],
    [2, 'a URI that leaves the folder', (files) => changeText(files, PLAYLIST, 'index_180p_00002.ts', '../../other/index.ts')],
    [2, 'a missing segment', (files) => files.delete(segment(2))],
    [2, 'an empty segment', (files) => files.set(segment(2), Buffer.alloc(0))],
    [2, 'a missing media playlist', (files) => files.delete(PLAYLIST)],
    [2, 'an empty media playlist', (files) => files.set(PLAYLIST, Buffer.alloc(0))],
    [3, 'an orphan segment', (files) => files.set('180p/index_180p_00004.ts', Buffer.from('x'))],
    [3, 'a rung nobody promised', (files) => files.set('720p/index_720p.m3u8', Buffer.from('#EXTM3U\n'))],
    [3, 'a segment named twice', (files) => changeText(files, PLAYLIST, 'index_180p_00003.ts', 'index_180p_00002.ts')],
    [4, 'a version too low for decimals', (files) => changeText(files, PLAYLIST, 'VERSION:3', 'VERSION:2')],
    [5, 'a playlist without its end', (files) => changeText(files, PLAYLIST, '#EXT-X-ENDLIST\n', '')],
    [5, 'a playlist that is not VOD', (files) => changeText(files, PLAYLIST, 'TYPE:VOD', 'TYPE:EVENT')],
    [7, 'a target duration of legacy rounding', (files) => changeText(files, PLAYLIST, 'TARGETDURATION:6', 'TARGETDURATION:7')],
    [7, 'no target duration', (files) => changeText(files, PLAYLIST, '#EXT-X-TARGETDURATION:6\n', '')],
    [8, 'a duration that rounds above the target', (files) => changeText(files, PLAYLIST, 'EXTINF:6.000000', 'EXTINF:6.500000')],
    [8, 'a duration that is no number', (files) => changeText(files, PLAYLIST, 'EXTINF:6.000000', 'EXTINF:six')],
    [9, 'a segment far above the target', (files) => changeText(files, PLAYLIST, 'EXTINF:6.000000', 'EXTINF:6.600000')],
    [10, 'a short segment in the middle', (files) => changeText(files, PLAYLIST, 'EXTINF:6.000000', 'EXTINF:5.900000')],
    [13, 'durations that do not add up', (files) => changeText(files, PLAYLIST, 'EXTINF:2.000000', 'EXTINF:2.100000')],
    [14, 'a segment less than in the other rung', (files) => changeText(files, PLAYLIST, '#EXTINF:2.000000,\nindex_180p_00003.ts\n', '')],
    [15, 'a rung that drifts', (files) => laterSegments(files, (ts) => shiftTimes(ts, 3000))],
    [16, 'a rung shorter than the other', (files) => changeText(files, PLAYLIST, 'EXTINF:2.000000', 'EXTINF:1.900000')],
    [17, 'a segment without its opening IDR', (files) => change(files, segment(2), (ts) => recount(dropPicture(ts, 0)))],
    [19, 'IDR pictures at other times', (files) => change(files, segment(2), (ts) => recount(dropPicture(ts, 0)))],
    [20, 'a leading picture', (files) => change(files, segment(2), (ts) => shiftPts(ts, 61, -20_000))],
    [20, 'a picture shown before its segment', (files) => change(files, segment(2), (ts) => shiftPts(ts, 1, -20_000))],
    [21, 'two segments swapped', (files) => swap(files, segment(1), segment(2))],
    [21, 'a discontinuity', (files) => changeText(files, PLAYLIST, '#EXTINF:2', '#EXT-X-DISCONTINUITY\n#EXTINF:2')],
    [
      21,
      'a hole in the audio',
      (files) => change(files, segment(2), (ts) => shiftTimes(ts, 9000, (pid, at) => pid === PID.audio && at > 2)),
    ],
    [22, 'a continuity counter that jumps', (files) => change(files, segment(2), (ts) => void flipCounter(ts))],
    [
      22,
      'a lost packet',
      (files) =>
        change(files, segment(2), (ts) => without(ts, ({ pid, starts }, at) => pid === PID.video && !starts && at > 90 && at < 96)),
    ],
    [22, 'no PAT', (files) => change(files, segment(2), (ts) => without(ts, ({ pid }) => pid === PID.pat))],
    [22, 'no PMT', (files) => change(files, segment(2), (ts) => without(ts, ({ pid }) => pid === PID.map))],
    [22, 'a cut transport packet', (files) => change(files, segment(2), (ts) => ts.subarray(0, ts.length - 100))],
    [22, 'packets out of step', (files) => change(files, segment(2), (ts) => Buffer.concat([ts.subarray(0, 1880), ts.subarray(1900)]))],
    [22, 'a segment of something else', (files) => files.set(segment(2), Buffer.from('<html>AccessDenied</html>'))],
    [23, 'a segment without audio', (files) => change(files, segment(2), (ts) => without(ts, ({ pid }) => pid === PID.audio))],
    [25, 'audio that ends early', (files) => change(files, segment(3), (ts) => withoutLateAudio(ts))],
    [34, 'a level above the need', (files) => everySegment(files, '180p', (ts) => setLevel(ts, 51))],
    [34, 'a level below the need', (files) => everySegment(files, '180p', (ts) => setLevel(ts, 10))],
    [34, 'another profile', (files) => everySegment(files, '180p', (ts) => replaceAll(ts, SPS, Buffer.from([0, 0, 1, 0x67, 110])))],
    [36, 'a picture shown late', (files) => change(files, segment(2), (ts) => shiftPts(ts, 20, 700))],
    [38, 'mono in one segment', (files) => change(files, segment(2), (ts) => setChannels(ts))],
    [48, 'a picture lost in one rung', (files) => change(files, segment(2), (ts) => recount(dropPicture(dropPicture(ts, 40), 40)))],
    [54, 'tiles that do not fit their sheet', (files) => changeText(files, IMAGES, 'RESOLUTION=64x36', 'RESOLUTION=64x35')],
    [54, 'tiles beside their sheet', (files) => changeText(files, IMAGES, 'LAYOUT=4x2', 'LAYOUT=8x2')],
    [54, 'a storyboard that ends early', (files) => changeText(files, IMAGES, 'EXTINF:14.000', 'EXTINF:9.000')],
    [54, 'tiles without a description', (files) => changeText(files, IMAGES, /#EXT-X-TILES.*\n/, '')],
    [54, 'a sheet that is no JPEG', (files) => files.set('90p/sheet_1.jpg', Buffer.from('not a picture'))],
    [2, 'a missing sheet', (files) => files.delete('90p/sheet_1.jpg')],
  ])('%i: %s', async (check, _what, damage) => {
    const files = copy();
    damage(files);
    const result = await verdict(files);
    expect(result.passed).toBe(false);
    expect(checksOf(result)).toContain(check);
  });

  it('18: IDR pictures too far apart', async () => {
    const files = await encodeOutput({ seconds: 7, video: ['-force_key_frames', 'expr:gte(t+0.000001,n_forced*3)'] });
    expect(checksOf(await verdict(files, checkInput({ durationSeconds: 7 })))).toEqual([18]);
  });

  it('17 and 20: open GOPs', async () => {
    const open = [
      '-force_key_frames',
      'expr:0',
      '-g',
      '60',
      '-keyint_min',
      '60',
      '-bf',
      '3',
      '-flags',
      '-cgop',
      '-x264-params',
      'open-gop=1',
    ];
    const result = await verdict(await encodeOutput({ video: open }));
    expect(checksOf(result)).toEqual(expect.arrayContaining([17, 20]));
  });

  it('32 and 35 and 37: pixels that are not square, interlaced fields, full range', async () => {
    const video = ['-vf', 'scale=320:180,setsar=4/3', '-flags', '+cgop+ilme+ildct', '-color_range', 'pc'];
    const rungs = [{ name: '180p', widthPx: 320, heightPx: 180, crf: 28 }];
    const files = await encodeOutput({ seconds: 2, rungs, video });
    const result = await verdict(files, checkInput({ renditions: rungs, durationSeconds: 2 }));
    expect(checksOf(result)).toEqual([32, 35, 37]);
  });

  it("36: a rate that is neither natural nor the source's", async () => {
    const files = await encodeOutput({ rate: '27', seconds: 2 });
    expect(checksOf(await verdict(files, checkInput({ durationSeconds: 2 })))).toEqual([36]);
  });

  it('30: another size than promised', async () => {
    const renditions = [
      { name: '180p', widthPx: 322, heightPx: 180 },
      { name: '90p', widthPx: 160, heightPx: 90 },
    ];
    expect(checksOf(await verdict(copy(), checkInput({ renditions })))).toEqual([30]);
  });

  it('33: a rung larger than its source', async () => {
    expect(checksOf(await verdict(copy(), checkInput({ source: { widthPx: 300, heightPx: 170 } })))).toEqual([33]);
  });

  it('23: sound where the source had none', async () => {
    expect(checksOf(await verdict(copy(), checkInput({ hasAudio: false })))).toEqual([23]);
  });

  it('48: an output that lacks a part of its source', async () => {
    expect(checksOf(await verdict(copy(), checkInput({ durationSeconds: 30 })))).toEqual([48]);
  });
});

it('24: warns of audio that begins away from its picture', async () => {
  const files = copy();
  // Sound a fifth of a second late throughout: no hole, no drift, but out of step.
  everySegment(files, '180p', (ts) => shiftTimes(ts, 18_000, (pid) => pid === PID.audio));
  const result = await verdict(files);
  expect(result.passed).toBe(true);
  expect(result.warnings.map(({ check }) => check)).toEqual([24, 24]);
});

describe('the answer', () => {
  it('stays short however much is wrong, and counts everything', async () => {
    const files = copy();
    for (let n = 0; n < 500; n += 1) files.set(`180p/orphan_${n}.ts`, Buffer.from('x'));
    changeText(files, PLAYLIST, 'TYPE:VOD', 'TYPE:EVENT');
    const result = await verdict(files);
    expect(result.faults).toHaveLength(20);
    expect(result.faultCount).toBe(501);
    expect(checksOf(result)).toEqual([3, 5]);
  });

  it('is the same when the check had to stop after every segment', async () => {
    const files = copy();
    change(files, segment(2), (ts) => void flipCounter(ts));
    swap(files, segment(1, '90p'), segment(2, '90p'));
    const s3 = bucketWith(files);
    let input: CheckOutputInput = checkInput();
    for (let calls = 1; ; calls += 1) {
      const output = await checkOutput(parseInput(CheckOutputInput, JSON.parse(JSON.stringify(input))), { s3, timeLeftMs: () => 0 });
      if (!output.continue) {
        expect(calls).toBe(3);
        expect(output).toEqual(await verdict(files));
        return;
      }
      expect(JSON.stringify(output.progress).length).toBeLessThan(60_000);
      input = { ...checkInput(), progress: output.progress };
    }
  });

  it('is none while S3 fails: the error comes through', async () => {
    const s3 = bucketWith(copy(), (file) => file === segment(2));
    await expect(checkOutput(checkInput(), { s3, timeLeftMs: () => 900_000 })).rejects.toThrow('SlowDown');
    const cut = bucketWith(
      copy(),
      () => false,
      (file) => file === segment(2),
    );
    await expect(checkOutput(checkInput(), { s3: cut, timeLeftMs: () => 900_000 })).rejects.toThrow('aborted');
  });
});

function everySegment(files: Files, rung: string, edit: (ts: Buffer) => Buffer): void {
  for (const number of [1, 2, 3]) change(files, segment(number, rung), edit);
}

function laterSegments(files: Files, edit: (ts: Buffer) => Buffer): void {
  for (const number of [2, 3]) change(files, segment(number), edit);
}

function setLevel(ts: Buffer, level: number): Buffer {
  for (let at = ts.indexOf(SPS); at !== -1; at = ts.indexOf(SPS, at + 1)) ts.writeUInt8(level, at + 6);
  return ts;
}

function flipCounter(ts: Buffer): void {
  const packet = packets(ts).findLast(({ pid }) => pid === PID.video);
  packet?.bytes.writeUInt8(packet.bytes.readUInt8(3) ^ 0x08, 3);
}

/** The segment without its n-th picture in decoding order. */
function dropPicture(ts: Buffer, picture: number): Buffer {
  let current = -1;
  return without(ts, ({ pid, starts }) => {
    if (pid !== PID.video) return false;
    if (starts) current += 1;
    return current === picture;
  });
}

function withoutLateAudio(ts: Buffer): Buffer {
  let audio = 0;
  return without(ts, ({ pid, starts }) => {
    if (pid !== PID.audio) return false;
    if (starts) audio += 1;
    return audio > 1;
  });
}

/** ADTS headers of 48 kHz stereo made to say mono. */
function setChannels(ts: Buffer): Buffer {
  return replaceAll(ts, Buffer.from([0xff, 0xf1, 0x4c, 0x80]), Buffer.from([0xff, 0xf1, 0x4c, 0x40]));
}
