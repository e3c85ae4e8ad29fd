import { type Container, type MediaConvertClient, ProbeCommand, type Track, type VideoProperties } from '@aws-sdk/client-mediaconvert';
import { type FrameRate, framesPerSecond } from './frame-rate.ts';
import { decodesAudio, decodesVideo } from './inspect/codec-rules.ts';
import { type IsoMediaFacts, readIsoMedia } from './inspect/iso-media.ts';
import { lastClusterSeconds, type MatroskaFacts, readMatroska } from './inspect/matroska.ts';
import type { ByteSource } from './inspect/object-reader.ts';
import { type ContainerFormat, SNIFF_BYTES, sniff } from './inspect/sniff.ts';
import type { SourcePicture } from './ladder.ts';
import type { RejectionCode } from './reasons.ts';

/** Facts of an uploaded file that its jobs are planned from. */
export interface SourceFacts {
  /** By content; the file's name may say another. */
  readonly container: ContainerFormat;
  readonly videoCodec: string;
  readonly audioCodec: string | null;
  /** 0 when silent. */
  readonly audioChannels: number;
  /** As it will be shown: upright, with square pixels. */
  readonly picture: SourcePicture;
  readonly rotationDegrees: number;
  readonly frameRate: FrameRate;
  readonly variableFrameRate: boolean;
  readonly interlaced: boolean;
  readonly hdr: 'PQ' | 'HLG' | null;
  /** Its colours are known to be others than BT.709. */
  readonly otherColours: boolean;
  /** Of the picture. */
  readonly durationSeconds: number;
}

/** Asks MediaConvert what an object is. Undefined for one it cannot read: that is the uploader's, not an error of ours. */
export type Probe = (bucket: string, key: string) => Promise<Container | undefined>;

export function probeWith(client: MediaConvertClient): Probe {
  return async (bucket, key) => {
    try {
      const { ProbeResults = [] } = await client.send(new ProbeCommand({ InputFiles: [{ FileUrl: `s3://${bucket}/${key}` }] }));
      return ProbeResults[0]?.Container;
    } catch (error) {
      if (error instanceof Error && error.name === 'BadRequestException') return undefined;
      throw error;
    }
  };
}

/** What the file is, by content and never by name: its signature first, so that no demuxer is shown what it might follow; then its header, then Probe. */
export async function inspectSource(bytes: ByteSource, probe: () => Promise<Container | undefined>): Promise<SourceFacts | RejectionCode> {
  const container = sniff(await bytes.read(0, SNIFF_BYTES));
  if (!isContainer(container)) return container;
  const header = await readHeader(bytes, container);
  if (typeof header === 'string') return header;
  return sourceFacts(container, await probe(), header);
}

/** What a file's own header tells beyond Probe. */
export interface HeaderFacts {
  readonly durationSeconds?: number | undefined;
  /** Where the file's clock begins; its lengths are ends on that clock. */
  readonly startSeconds?: number | undefined;
  readonly rotationDegrees?: number | undefined;
  readonly pixelAspect?: number | undefined;
  readonly variableFrameRate?: boolean | undefined;
  readonly interlaced?: boolean | undefined;
  readonly transfer?: number | undefined;
  readonly audioChannels?: number | undefined;
}

async function readHeader(bytes: ByteSource, container: ContainerFormat): Promise<HeaderFacts | RejectionCode> {
  switch (container) {
    case 'mp4':
    case 'quicktime': {
      const facts = await readIsoMedia(bytes);
      if (typeof facts !== 'string') return isoHeader(facts);
      return facts === 'foreign-data' ? 'FOREIGN_DATA' : 'TRUNCATED';
    }
    case 'matroska':
    case 'webm': {
      const facts = await readMatroska(bytes);
      if (facts === undefined) return 'NOT_A_VIDEO';
      if (facts.truncated) return 'TRUNCATED';
      return facts.video?.encrypted
        ? 'ENCRYPTED'
        : { ...matroskaHeader(facts), durationSeconds: facts.durationSeconds ?? (await lastClusterSeconds(bytes)) };
    }
    case 'avi':
      return {}; // its frame rate is constant, its pixels square, and it knows no rotation
  }
}

function isoHeader({ video, durationSeconds, fragmented, audioChannels }: IsoMediaFacts): HeaderFacts | RejectionCode {
  if (video === undefined) return 'NO_VIDEO_TRACK';
  if (video.encrypted) return 'ENCRYPTED';
  if (video.frames === 0 && !fragmented) return 'NO_FRAMES';
  const { rotationDegrees, pixelAspect, transfer, variableFrameRate } = video;
  return {
    durationSeconds: video.durationSeconds || durationSeconds || undefined,
    rotationDegrees,
    pixelAspect,
    transfer,
    variableFrameRate,
    audioChannels,
  };
}

function matroskaHeader({ video, audioChannels, startSeconds }: MatroskaFacts): HeaderFacts {
  const { pixelAspect, interlaced, transfer, frameSeconds } = video ?? {};
  return {
    startSeconds,
    pixelAspect,
    interlaced,
    transfer,
    audioChannels,
    variableFrameRate: video !== undefined && frameSeconds === undefined,
  };
}

/** MediaConvert's word on tracks, codecs and size; the header's on what Probe leaves out or reads less exactly. */
export function sourceFacts(container: ContainerFormat, found: Container | undefined, header: HeaderFacts): SourceFacts | RejectionCode {
  if (found === undefined) return 'NOT_A_VIDEO';
  const tracks = found.Tracks ?? [];
  const videoTrack = tracks.find(({ TrackType }) => TrackType === 'video');
  const audioTrack = tracks.find(({ TrackType }) => TrackType === 'audio');
  const video = videoTrack?.VideoProperties;
  if (video === undefined || !video.Width || !video.Height) return 'NO_VIDEO_TRACK';
  const videoCodec = videoTrack?.Codec ?? 'UNKNOWN';
  const audioCodec = audioTrack === undefined ? null : (audioTrack.Codec ?? 'UNKNOWN');
  if (!decodesVideo(container, videoCodec) || (audioCodec !== null && !decodesAudio(container, audioCodec))) return 'UNSUPPORTED_CODEC';
  const frameRate = rateOf(video);
  const rotationDegrees = rotationOf(container, header.rotationDegrees ?? video.Rotation ?? 0);
  return {
    container,
    videoCodec,
    audioCodec,
    audioChannels: channelsOf(audioTrack, header),
    picture: shownPicture(video.Width, video.Height, pixelAspectOf(video, header), rotationDegrees),
    rotationDegrees,
    frameRate,
    variableFrameRate: header.variableFrameRate ?? false,
    interlaced:
      header.interlaced || video.CodecMetadata?.ScanType?.toLowerCase() === 'interlaced' || video.CodecMetadata?.FieldOrder !== undefined,
    ...coloursOf(video, header),
    // The picture's own: sound that goes on behind it is dropped.
    durationSeconds: lengthOf(videoTrack?.Duration || found.Duration || header.durationSeconds, header, frameRate),
  };
}

/** A single picture may come with no length at all. A start behind the end is none: some muxers write lengths after all. */
function lengthOf(end: number | undefined, { startSeconds = 0 }: HeaderFacts, frameRate: FrameRate): number {
  if (!end) return 1 / framesPerSecond(frameRate);
  return startSeconds < end ? end - startSeconds : end;
}

function rateOf({ FrameRate, CodecMetadata }: VideoProperties): FrameRate {
  const rate = [FrameRate, CodecMetadata?.CodedFrameRate].find((candidate) => candidate?.Numerator && candidate.Denominator);
  return { numerator: rate?.Numerator ?? 30, denominator: rate?.Denominator ?? 1 };
}

function channelsOf(audio: Track | undefined, { audioChannels }: HeaderFacts): number {
  return audio === undefined ? 0 : (audio.AudioProperties?.Channels ?? audioChannels ?? 2);
}

function pixelAspectOf({ SampleAspectRatio: ratio }: VideoProperties, { pixelAspect }: HeaderFacts): number {
  const probed = (ratio?.Numerator || 1) / (ratio?.Denominator || 1);
  return pixelAspect === undefined || pixelAspect === 1 ? probed : pixelAspect;
}

/** MediaConvert's `Rotate: AUTO` turns MP4 and QuickTime alone, so only there is a rotation one. */
function rotationOf(container: ContainerFormat, degrees: number): number {
  if (container !== 'mp4' && container !== 'quicktime') return 0;
  return (((Math.round(degrees / 90) * 90) % 360) + 360) % 360;
}

/** An upright phone video is stored lying, with a rotation that turns it; old cameras store pixels that are not square. */
function shownPicture(widthPx: number, heightPx: number, pixelAspect: number, rotationDegrees: number): SourcePicture {
  const square = { widthPx: Math.round(widthPx * pixelAspect), heightPx };
  return rotationDegrees % 180 === 90 ? { widthPx: square.heightPx, heightPx: square.widthPx } : square;
}

const KNOWN_OTHERS = /^(ITU_470|SMPTE|ITU_2020|ARIB|GENERIC_FILM|IPT|YCGCO|CIELAB)/;

function coloursOf(video: VideoProperties, { transfer }: HeaderFacts): Pick<SourceFacts, 'hdr' | 'otherColours'> {
  const probed = video.TransferCharacteristics ?? video.CodecMetadata?.TransferCharacteristics;
  const hdr = probed === 'SMPTE_2084' || transfer === 16 ? 'PQ' : probed === 'ARIB_B67' || transfer === 18 ? 'HLG' : null;
  return {
    hdr,
    otherColours:
      hdr !== null || [video.ColorPrimaries, video.MatrixCoefficients].some((name) => name !== undefined && KNOWN_OTHERS.test(name)),
  };
}

function isContainer(found: ContainerFormat | RejectionCode): found is ContainerFormat {
  return found === found.toLowerCase();
}
