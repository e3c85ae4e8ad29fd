import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureBandwidth } from '../../../lambdas/transcoding/check/bandwidth.ts';
import { newFindings } from '../../../lambdas/transcoding/check/fault-log.ts';
import { inPlaylistOrder, type MeasuredRendition, writeMultivariant } from '../../../lambdas/transcoding/check/multivariant.ts';
import { checkMultivariant } from '../../../lambdas/transcoding/check/multivariant-rules.ts';

function rendition(name: string, averageBandwidthBps: number, fields: Partial<MeasuredRendition> = {}): MeasuredRendition {
  const heightPx = Number.parseInt(name, 10);
  const size = { widthPx: Math.round((heightPx * 8) / 9) * 2, heightPx };
  const bandwidthBps = Math.round(averageBandwidthBps * 1.4);
  return { name, ...size, codecs: 'avc1.64001f,mp4a.40.2', frameRate: 30, averageBandwidthBps, bandwidthBps, ...fields };
}

const LADDER = [rendition('1080p', 5_000_000), rendition('720p', 2_500_000), rendition('480p', 1_200_000), rendition('360p', 600_000)];

describe('the multivariant playlist', () => {
  it('offers the start-up choice first, then the others from the highest, as measured', () => {
    expect(writeMultivariant(LADDER.slice(1))).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:3',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-STREAM-INF:BANDWIDTH=3500000,AVERAGE-BANDWIDTH=2500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000',
        '720p/index_720p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=1680000,AVERAGE-BANDWIDTH=1200000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=30.000',
        '480p/index_480p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=840000,AVERAGE-BANDWIDTH=600000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=30.000',
        '360p/index_360p.m3u8',
        '',
      ].join('\n'),
    );
    expect(inPlaylistOrder(LADDER).map(({ name }) => name)).toEqual(['720p', '1080p', '480p', '360p']);
  });

  it('passes its own checks for any measurements', () => {
    const any = fc.record({
      averageBandwidthBps: fc.integer({ min: 10_000, max: 20_000_000 }),
      frameRate: fc.double({ min: 1, max: 60, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (measured) => {
        const renditions = measured.map((fields, index) => rendition(`${360 * (index + 1)}p`, fields.averageBandwidthBps, fields));
        const findings = newFindings();
        checkMultivariant(Buffer.from(writeMultivariant(renditions)), 'index.m3u8', renditions, findings);
        expect(findings.faults.listed).toEqual([]);
        expect(findings.warnings.listed.filter(({ check }) => check === 40)).toEqual([]);
      }),
    );
  });

  it.each<[number, string, string | RegExp, string]>([
    [1, 'without its first line', '#EXTM3U\n', ''],
    [2, 'with an absolute URI', '480p/index_480p.m3u8', '/480p/index_480p.m3u8'],
    [2, 'with a variant that was not measured', '480p/index_480p.m3u8', '240p/index_240p.m3u8'],
    [2, 'without a variant', /#EXT-X-STREAM-INF.*\n480p.*\n/, ''],
    [6, 'without EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-INDEPENDENT-SEGMENTS\n', ''],
    [26, 'with an average of another video', 'AVERAGE-BANDWIDTH=1200000', 'AVERAGE-BANDWIDTH=1000000'],
    [26, 'without an average', 'AVERAGE-BANDWIDTH=1200000,', ''],
    [27, 'with a peak below the measured one', ':BANDWIDTH=1680000', ':BANDWIDTH=1500000'],
    [29, 'with codecs of another level', /avc1.64001f(.*854x480)/, 'avc1.640028$1'],
    [29, 'with sound where there is none', /mp4a.40.2(.*854x480)/, 'mp4a.40.5$1'],
    [30, 'with another size', '854x480', '852x480'],
    [31, 'with another rate', /(854x480,FRAME-RATE=)30.000/, '$129.970'],
    [31, 'without a rate', /(854x480),FRAME-RATE=30.000/, '$1'],
    [37, 'that promises HDR', '854x480', '854x480,VIDEO-RANGE=PQ'],
  ])('%i: is refused %s', (check, _what, from, to) => {
    const text = writeMultivariant(LADDER);
    const damaged = text.replace(from, to);
    expect(damaged).not.toBe(text);
    const findings = newFindings();
    checkMultivariant(Buffer.from(damaged), 'index.m3u8', LADDER, findings);
    expect(new Set(findings.faults.listed.map((fault) => fault.check))).toEqual(new Set([check]));
  });

  it('warns of peaks above twice the average, of rungs too near, and of another first variant', () => {
    const warned = (text: string, measured: readonly MeasuredRendition[]) => {
      const findings = newFindings();
      checkMultivariant(Buffer.from(text), 'index.m3u8', measured, findings);
      return findings.warnings.listed.map(({ check }) => check);
    };
    const peaky = [rendition('720p', 2_000_000, { bandwidthBps: 4_100_000 })];
    expect(warned(writeMultivariant(peaky), peaky)).toEqual([28]);
    const near = [rendition('720p', 1_000_000), rendition('480p', 900_000)];
    expect(warned(writeMultivariant(near), near)).toEqual([41]);
    const variants = [...writeMultivariant(LADDER).matchAll(/#EXT-X-STREAM-INF.*\n.*\n/g)].map(([variant]) => variant);
    expect(warned(`#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n${variants.reverse().join('')}`, LADDER)).toEqual([40]);
  });
});

describe('bandwidth', () => {
  it('never measures a short tail alone', () => {
    const segments = [6, 6, 1].map((durationSeconds) => ({ durationSeconds, bytes: durationSeconds === 1 ? 9_000 : 6_000 }));
    expect(measureBandwidth(segments, 6)).toEqual({ averageBps: Math.ceil(168_000 / 13), peakBps: Math.ceil(120_000 / 7) });
  });

  it('has a peak between the average and the rate of its heaviest second', () => {
    const segment = fc.record({
      durationSeconds: fc.double({ min: 0.1, max: 7, noNaN: true }),
      bytes: fc.integer({ min: 1, max: 3_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 30 }), (segments) => {
        const { averageBps, peakBps } = measureBandwidth(segments, 6);
        expect(peakBps).toBeGreaterThanOrEqual(averageBps);
        expect(peakBps).toBeLessThanOrEqual(
          Math.ceil(Math.max(...segments.map(({ bytes, durationSeconds }) => (bytes * 8) / durationSeconds))) + 1,
        );
      }),
    );
  });

  it('of nothing is nothing', () => {
    expect(measureBandwidth([], 6)).toEqual({ averageBps: 0, peakBps: 0 });
  });
});
