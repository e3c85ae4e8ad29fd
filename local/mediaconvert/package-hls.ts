import type { Ratio } from '../ffmpeg/source-stream.ts';
import { type EncodeSource, outputPrefix, outputSize, smallestRung } from './ffmpeg-arguments.ts';
import { followedRate } from './frame-rate.ts';
import type { GroupResult } from './group-result.ts';
import { type MeasuredRung, measureRung } from './measure-rung.ts';
import { packageSheets } from './package-sheets.ts';
import type { HlsPlan } from './plan-job.ts';
import type { RungPlan } from './plan-output.ts';
import { measureBitrates, relativeUri, targetDuration, writeMediaPlaylist, writeMultivariantPlaylist } from './playlists.ts';
import type { SegmentFacts } from './read-segment.ts';
import { type S3Location, toS3Uri } from './s3-location.ts';
import type { SegmentSeries } from './segment-pump.ts';
import type { Upload } from './upload.ts';

interface PackagedGroup {
  readonly result: GroupResult;
  /** In waves: what a later one refers to is there before it. */
  readonly uploads: readonly (readonly Upload[])[];
  /** The shortest rung. */
  readonly seconds: number;
}

/** Where the segments of a group go, named as the service would. */
export function segmentSeries(plan: HlsPlan, group: number): SegmentSeries[] {
  return plan.rungs.map((rung, index) => ({
    prefix: outputPrefix(group, index),
    placeOf: (number) => ({ bucket: plan.base.bucket, key: segmentKey(plan, rung, number) }),
  }));
}

/** Writes a group's playlists from what was measured. ffmpeg's own playlists are not used. The segments are uploaded already. */
export async function packageHls(
  plan: HlsPlan,
  group: number,
  source: EncodeSource,
  { directory, facts }: { directory: string; facts: ReadonlyMap<string, readonly SegmentFacts[]> },
): Promise<PackagedGroup> {
  const { bucket, key } = plan.base;
  const rungs = plan.rungs.map((rung, index) => {
    const rate = rung.frameRate ?? followedRate(source.video);
    return describeRung(plan, rung, rate, source, measureRung(facts.get(outputPrefix(group, index)) ?? [], rate));
  });
  const multivariantKey = `${key}.m3u8`;
  // One target for all rungs: they are cut at the same times.
  const targetSeconds = targetDuration(
    rungs.flatMap(({ segments }) => segments),
    plan.segmentSeconds,
    plan.roundTargetUp,
  );
  const smallest = rungs.find(({ rung }) => rung === smallestRung(plan, source));
  const sheets = smallest && (await packageSheets(plan, group, source, { directory, ...smallest }));
  const multivariant = writeMultivariantPlaylist(
    rungs.map((rung) => ({ ...rung, uri: relativeUri(multivariantKey, rung.playlistKey) })),
    { targetSeconds, withResolution: plan.withResolution, images: sheets?.images },
  );
  const text = (name: string, content: string): Upload => ({ to: { bucket, key: name }, type: 'm3u8', content: { text: content } });
  return {
    result: {
      type: 'HLS_GROUP',
      playlistFilePaths: [toS3Uri({ bucket, key: multivariantKey })],
      outputs: rungs.map(({ playlistKey, seconds, segments, widthPx, heightPx }) => ({
        outputFilePaths: [toS3Uri({ bucket, key: playlistKey })],
        durationMs: Math.round(seconds * 1000),
        widthPx,
        heightPx,
        averageBitrateBps: measureBitrates(segments, targetSeconds).averageBps,
      })),
    },
    uploads: [
      [
        ...(sheets?.uploads ?? []),
        ...rungs.map(({ playlistKey, segments }) => text(playlistKey, writeMediaPlaylist({ segments, targetSeconds }))),
      ],
      [text(multivariantKey, multivariant)],
    ],
    seconds: Math.min(...rungs.map(({ seconds }) => seconds)),
  };
}

function describeRung(plan: HlsPlan, rung: RungPlan, rate: Ratio, source: EncodeSource, measured: MeasuredRung) {
  const playlistKey = `${plan.base.key}${rung.nameModifier}.m3u8`;
  const segments = measured.segments.map((segment, at) => ({ ...segment, uri: relativeUri(playlistKey, segmentKey(plan, rung, at + 1)) }));
  return {
    ...measured,
    rung,
    rate,
    segments,
    playlistKey,
    framesPerSecond: rate.numerator / rate.denominator,
    ...outputSize(rung, source),
  };
}

function segmentKey({ base: { key } }: { base: S3Location }, { nameModifier, segmentModifier }: RungPlan, number: number): string {
  return `${key}${nameModifier}${segmentModifier}_${String(number).padStart(5, '0')}.ts`;
}
