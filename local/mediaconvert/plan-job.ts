import type { HlsGroupSettings, JobSettings, Output, OutputGroup } from '@aws-sdk/client-mediaconvert';
import { type CaptureOutputPlan, type Mp4OutputPlan, planCapture, planMp4, planRung, type RungPlan } from './plan-output.ts';
import { baseNameOf, type S3Location, toS3Location } from './s3-location.ts';
import { type Clip, parseClip } from './timecode.ts';

/** What to do, in this executor's words. Only `planJob` reads MediaConvert's settings. */
export interface JobPlan {
  readonly input: S3Location;
  /** Degrees clockwise; AUTO follows the container's metadata in MP4 and MOV. */
  readonly rotate: number | 'AUTO';
  /** The part of the input that every output is made of; undefined: all of it. */
  readonly clip: Clip | undefined;
  /** In the order of the settings, as the events list them. */
  readonly groups: readonly GroupPlan[];
}

export type GroupPlan = HlsPlan | FilePlan;

export interface HlsPlan {
  readonly kind: 'hls';
  /** Where names begin: the key of the multivariant playlist without its extension. */
  readonly base: S3Location;
  readonly segmentSeconds: number;
  /** EXT-X-TARGETDURATION: LEGACY rounds the longest segment up, otherwise to the nearest. */
  readonly roundTargetUp: boolean;
  readonly withResolution: boolean;
  readonly rungs: readonly RungPlan[];
  /** Thumbnails of the group's smallest rung, tiled into sheets. */
  readonly trickPlay: TrickPlayPlan | undefined;
}

export interface TrickPlayPlan {
  /** Between thumbnails, before it is rounded to whole frames. */
  readonly intervalSeconds: number;
  readonly widthPx: number;
  /** Undefined: the shape of the picture is kept. */
  readonly heightPx: number | undefined;
  readonly columns: number;
  readonly rows: number;
}

export interface FilePlan {
  readonly kind: 'file';
  readonly base: S3Location;
  readonly outputs: readonly (CaptureOutputPlan | Mp4OutputPlan)[];
}

/** Reads settings that `checkJob` let through. */
export function planJob(settings: JobSettings): JobPlan {
  const input = settings.Inputs?.[0];
  const rotate = input?.VideoSelector?.Rotate ?? 'DEGREE_0';
  const location = toS3Location(input?.FileInput ?? '');
  return {
    input: location,
    rotate: rotate === 'AUTO' ? 'AUTO' : Number(rotate.split('_')[1]),
    clip: parseClip(input?.InputClippings?.[0]),
    groups: (settings.OutputGroups ?? []).map((group) => planGroup(settings, group, location)),
  };
}

function planGroup(settings: JobSettings, group: OutputGroup, input: S3Location): GroupPlan {
  const hls = group.OutputGroupSettings?.HlsGroupSettings;
  const destination = toS3Location(hls?.Destination ?? group.OutputGroupSettings?.FileGroupSettings?.Destination ?? '');
  // A destination that ends in a folder takes the input's name.
  const needsName = destination.key === '' || destination.key.endsWith('/');
  const base = needsName ? { ...destination, key: destination.key + baseNameOf(input.key) } : destination;
  const outputs = group.Outputs ?? [];
  if (hls === undefined) return { kind: 'file', base, outputs: outputs.map((output) => planFileOutput(settings, output)) };
  return {
    kind: 'hls',
    base,
    segmentSeconds: hls.SegmentLength ?? 10,
    roundTargetUp: hls.TargetDurationCompatibilityMode !== 'SPEC_COMPLIANT',
    withResolution: hls.StreamInfResolution !== 'EXCLUDE',
    rungs: outputs.map((output) => planRung(settings, output)),
    trickPlay: planTrickPlay(hls),
  };
}

function planFileOutput(settings: JobSettings, output: Output): CaptureOutputPlan | Mp4OutputPlan {
  return output.ContainerSettings?.Container === 'MP4' ? planMp4(settings, output) : planCapture(output);
}

/** The service's own width when none is given. */
const DEFAULT_THUMBNAIL_WIDTH = 312;

function planTrickPlay({ ImageBasedTrickPlay, ImageBasedTrickPlaySettings: tiles }: HlsGroupSettings): TrickPlayPlan | undefined {
  if (ImageBasedTrickPlay !== 'ADVANCED') return undefined;
  return {
    intervalSeconds: tiles?.ThumbnailInterval ?? 0,
    widthPx: tiles?.ThumbnailWidth ?? DEFAULT_THUMBNAIL_WIDTH,
    heightPx: tiles?.ThumbnailHeight,
    columns: tiles?.TileWidth ?? 1,
    rows: tiles?.TileHeight ?? 1,
  };
}
