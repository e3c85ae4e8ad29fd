import type { VideoStream } from '../ffmpeg/source-stream.ts';
import { type EncodeSource, outputPrefix } from './ffmpeg-arguments.ts';
import { followedRate } from './frame-rate.ts';
import type { GroupResult } from './group-result.ts';
import { measureRung } from './measure-rung.ts';
import { fitPicture, uprightSize } from './picture-size.ts';
import type { HlsPlan, RungPlan } from './plan-job.ts';
import { measureBitrates, relativeUri, targetDuration, writeMediaPlaylist, writeMultivariantPlaylist } from './playlists.ts';
import { toS3Uri } from './s3-location.ts';
import type { Upload } from './upload.ts';

interface PackagedGroup {
  readonly result: GroupResult;
  /** In waves: what a later one refers to is there before it. */
  readonly uploads: readonly (readonly Upload[])[];
  /** The shortest rung. */
  readonly seconds: number;
}

/** Names the encoder's segments as the service would, and writes the playlists from what was measured. ffmpeg's own playlists are not used. */
export async function packageHls(plan: HlsPlan, group: number, source: EncodeSource, directory: string): Promise<PackagedGroup> {
  const { bucket, key } = plan.base;
  const rungs = await Promise.all(
    plan.rungs.map(async (rung, index) => {
      const rate = rung.frameRate ?? followedRate(source.video);
      const measured = await measureRung(directory, outputPrefix(group, index), rate);
      const name = `${key}${rung.nameModifier}`;
      const segments = measured.segments.map((segment, at) => {
        const segmentKey = `${name}${rung.segmentModifier}_${String(at + 1).padStart(5, '0')}.ts`;
        return { ...segment, key: segmentKey, uri: relativeUri(`${name}.m3u8`, segmentKey) };
      });
      return {
        ...measured,
        segments,
        playlistKey: `${name}.m3u8`,
        framesPerSecond: rate.numerator / rate.denominator,
        ...sizeOf(rung, source),
      };
    }),
  );
  const multivariantKey = `${key}.m3u8`;
  // One target for all rungs: they are cut at the same times.
  const targetSeconds = targetDuration(
    rungs.flatMap(({ segments }) => segments),
    plan.segmentSeconds,
    plan.roundTargetUp,
  );
  const variants = rungs.map((rung) => ({ ...rung, uri: relativeUri(multivariantKey, rung.playlistKey) }));
  const multivariant = writeMultivariantPlaylist(variants, { targetSeconds, withResolution: plan.withResolution });
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
      rungs.flatMap(({ segments }) =>
        segments.map((segment): Upload => ({ to: { bucket, key: segment.key }, type: 'ts', content: { file: segment.file } })),
      ),
      rungs.map(({ playlistKey, segments }): Upload => {
        return { to: { bucket, key: playlistKey }, type: 'm3u8', content: { text: writeMediaPlaylist({ segments, targetSeconds }) } };
      }),
      [{ to: { bucket, key: multivariantKey }, type: 'm3u8', content: { text: multivariant } }],
    ],
    seconds: Math.min(...rungs.map(({ seconds }) => seconds)),
  };
}

function sizeOf(rung: RungPlan, { video, rotationDegrees }: { video: VideoStream; rotationDegrees: number }) {
  return fitPicture(uprightSize(video, rotationDegrees, rung.squarePixels), rung).output;
}
