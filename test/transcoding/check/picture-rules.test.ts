import { describe, expect, it } from 'vitest';
import { newFindings } from '../../../lambdas/transcoding/check/fault-log.ts';
import { checkPicture, comparePictures } from '../../../lambdas/transcoding/check/picture-rules.ts';
import type { SequenceParameters } from '../../../lambdas/transcoding/check/sps.ts';

const BT709 = { primaries: 1, transfer: 1, matrix: 1, fullRange: false };

/** 1280x720 at 30 as it should be. */
function picture(fields: Partial<SequenceParameters> = {}): SequenceParameters {
  return {
    profileIdc: 100,
    constraintFlags: 0,
    levelIdc: 31,
    widthPx: 1280,
    heightPx: 720,
    macroblocks: 3600,
    chromaFormatIdc: 1,
    bitDepth: 8,
    progressive: true,
    bufferedFrames: 4,
    sampleAspect: [1, 1],
    colour: BT709,
    framesPerSecond: 30,
    ...fields,
  };
}

function found(sps: SequenceParameters, source = { widthPx: 1920, heightPx: 1080 }) {
  const findings = newFindings();
  checkPicture(sps, '720p', { widthPx: 1280, heightPx: 720, framesPerSecond: 30, source }, findings);
  return { faults: findings.faults.listed.map(({ check }) => check), warnings: findings.warnings.listed.map(({ check }) => check) };
}

describe('a rung', () => {
  it.each<[string, Partial<SequenceParameters>, number[]]>([
    ['as it should be has no fault', {}, []],
    ['of another width', { widthPx: 1276 }, [30]],
    ['of wide pixels', { sampleAspect: [4, 3] }, [32]],
    ['of Main profile', { profileIdc: 77 }, [34]],
    ['of too high a level', { levelIdc: 40 }, [34]],
    ['of too low a level', { levelIdc: 30 }, [34]],
    ['of ten bits', { bitDepth: 10 }, [35]],
    ['of 4:2:2', { chromaFormatIdc: 2 }, [35]],
    ['of fields', { progressive: false }, [35]],
    ['of PQ', { colour: { primaries: 9, transfer: 16, matrix: 9, fullRange: false } }, [37]],
    ['of HLG', { colour: { ...BT709, transfer: 18 } }, [37]],
    ['of full range', { colour: { ...BT709, fullRange: true } }, [37]],
  ])('%s', (_what, fields, faults) => {
    expect(found(picture(fields))).toEqual({ faults, warnings: [] });
  });

  it('of standard definition colour, or of none, plays and is warned of', () => {
    expect(found(picture({ colour: { primaries: 6, transfer: 6, matrix: 6, fullRange: false } }))).toEqual({ faults: [], warnings: [37] });
    expect(found(picture({ colour: { primaries: 2, transfer: 2, matrix: 2, fullRange: false } }))).toEqual({ faults: [], warnings: [37] });
  });

  it('is never larger than its source, by the short side', () => {
    expect(found(picture(), { widthPx: 1270, heightPx: 714 }).faults).toEqual([33]);
    expect(found(picture(), { widthPx: 720, heightPx: 1280 }).faults).toEqual([]);
  });
});

describe('rungs together', () => {
  const compared = (...rungs: SequenceParameters[]) => {
    const findings = newFindings();
    comparePictures(new Map(rungs.map((sps, index) => [`rung ${index}`, sps])), findings);
    return findings.faults.listed.map(({ check }) => check);
  };

  it('keep one shape, but for the rounding of sides', () => {
    const sizes = ([widthPx, heightPx]: [number, number]) => picture({ widthPx, heightPx });
    const portrait: [number, number][] = [
      [1080, 1920],
      [720, 1280],
      [480, 854],
      [360, 640],
    ];
    expect(compared(...portrait.map(sizes))).toEqual([]);
    expect(compared(...portrait.map(([width, height]) => sizes([height, width])))).toEqual([]);
    expect(compared(sizes([1280, 720]), sizes([640, 480]))).toEqual([32]);
    expect(compared(sizes([1280, 720]), sizes([360, 640]))).toEqual([32]);
  });

  it('have one colour', () => {
    expect(compared(picture(), picture({ colour: { primaries: 6, transfer: 6, matrix: 6, fullRange: false } }))).toEqual([37]);
  });
});
