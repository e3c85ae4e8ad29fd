import { BitReader } from './bit-reader.ts';

/** What an H.264 sequence parameter set says about its stream. Field names after ITU-T H.264 sections 7.3.2.1 and E.1. */
export interface SequenceParameters {
  readonly profileIdc: number;
  readonly constraintFlags: number;
  readonly levelIdc: number;
  /** As displayed: after cropping. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly macroblocks: number;
  readonly chromaFormatIdc: number;
  readonly bitDepth: number;
  readonly progressive: boolean;
  /** Frames the decoder must keep: reference frames, or the reordering buffer where the stream states it. */
  readonly bufferedFrames: number;
  /** 1:1 when it is not stated. */
  readonly sampleAspect: readonly [number, number];
  /** Code points of ITU-T H.273; 2 is "unspecified". */
  readonly colour: { readonly primaries: number; readonly transfer: number; readonly matrix: number; readonly fullRange: boolean };
  /** From the timing info: undefined when it is not stated. */
  readonly framesPerSecond: number | undefined;
}

const PROFILES_WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128]);
const UNSPECIFIED = 2;
/** Table E-1; 255 is written out. */
const SAMPLE_ASPECTS: readonly (readonly [number, number])[] = [
  [1, 1], // 0: unspecified
  ...([
    [1, 1],
    [12, 11],
    [10, 11],
    [16, 11],
    [40, 33],
    [24, 11],
    [20, 11],
    [32, 11],
  ] as const),
  ...([
    [80, 33],
    [18, 11],
    [15, 11],
    [64, 33],
    [160, 99],
    [4, 3],
    [3, 2],
    [2, 1],
  ] as const),
];
const EXTENDED_SAR = 255;

/** Parses a sequence parameter set from its NAL header on. @throws {BitsExhaustedError} when it is cut short */
export function parseSps(nal: Uint8Array): SequenceParameters {
  const read = new BitReader(withoutEmulation(nal.subarray(1)));
  const profileIdc = read.bits(8);
  const constraintFlags = read.bits(8);
  const levelIdc = read.bits(8);
  read.unsigned(); // seq_parameter_set_id
  const { chromaFormatIdc, bitDepth } = PROFILES_WITH_CHROMA.has(profileIdc) ? readChroma(read) : { chromaFormatIdc: 1, bitDepth: 8 };
  read.unsigned(); // log2_max_frame_num_minus4
  skipPictureOrder(read);
  const referenceFrames = read.unsigned();
  read.flag(); // gaps_in_frame_num_value_allowed_flag
  const widthInMbs = read.unsigned() + 1;
  const heightInMapUnits = read.unsigned() + 1;
  const progressive = read.flag();
  if (!progressive) read.flag(); // mb_adaptive_frame_field_flag
  read.flag(); // direct_8x8_inference_flag
  const heightInMbs = (progressive ? 1 : 2) * heightInMapUnits;
  const crop = read.flag() ? readCrop(read) : { left: 0, right: 0, top: 0, bottom: 0 };
  const unitX = chromaFormatIdc === 1 || chromaFormatIdc === 2 ? 2 : 1;
  const unitY = (chromaFormatIdc === 1 ? 2 : 1) * (progressive ? 1 : 2);
  const vui = read.flag() ? readVui(read) : undefined;
  return {
    profileIdc,
    constraintFlags,
    levelIdc,
    widthPx: widthInMbs * 16 - unitX * (crop.left + crop.right),
    heightPx: heightInMbs * 16 - unitY * (crop.top + crop.bottom),
    macroblocks: widthInMbs * heightInMbs,
    chromaFormatIdc,
    bitDepth,
    progressive,
    bufferedFrames: Math.max(referenceFrames, vui?.maxDecFrameBuffering ?? 0),
    sampleAspect: vui?.sampleAspect ?? [1, 1],
    colour: vui?.colour ?? { primaries: UNSPECIFIED, transfer: UNSPECIFIED, matrix: UNSPECIFIED, fullRange: false },
    framesPerSecond: vui?.framesPerSecond,
  };
}

/** RFC 6381: profile, constraints and level in hex. */
export function avcCodec({ profileIdc, constraintFlags, levelIdc }: SequenceParameters): string {
  return `avc1.${[profileIdc, constraintFlags, levelIdc].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** `00 00 03` stands for `00 00` wherever a start code could be mistaken. */
function withoutEmulation(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  let length = 0;
  let zeros = 0;
  for (const byte of data) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length] = byte;
    length += 1;
  }
  return out.subarray(0, length);
}

function readChroma(read: BitReader) {
  const chromaFormatIdc = read.unsigned();
  if (chromaFormatIdc === 3) read.flag(); // separate_colour_plane_flag
  const bitDepth = 8 + Math.max(read.unsigned(), read.unsigned()); // luma, chroma
  read.flag(); // qpprime_y_zero_transform_bypass_flag
  const scalingLists = read.flag() ? (chromaFormatIdc === 3 ? 12 : 8) : 0;
  for (let list = 0; list < scalingLists; list += 1) {
    if (read.flag()) skipScalingList(read, list < 6 ? 16 : 64);
  }
  return { chromaFormatIdc, bitDepth };
}

function skipScalingList(read: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let at = 0; at < size; at += 1) {
    if (next !== 0) next = (last + read.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipPictureOrder(read: BitReader): void {
  const type = read.unsigned();
  if (type === 0) read.unsigned(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  read.flag();
  read.signed();
  read.signed();
  for (let frames = read.unsigned(); frames > 0; frames -= 1) read.signed();
}

function readCrop(read: BitReader) {
  return { left: read.unsigned(), right: read.unsigned(), top: read.unsigned(), bottom: read.unsigned() };
}

function readVui(read: BitReader) {
  const sampleAspect = read.flag() ? readSampleAspect(read) : SAMPLE_ASPECTS[0];
  if (read.flag()) read.flag(); // overscan
  const colour = read.flag() ? readColour(read) : undefined;
  if (read.flag()) {
    read.unsigned(); // chroma sample location, top and bottom
    read.unsigned();
  }
  const framesPerSecond = read.flag() ? readTiming(read) : undefined;
  const nalHrd = read.flag();
  if (nalHrd) skipHrd(read);
  const vclHrd = read.flag();
  if (vclHrd) skipHrd(read);
  if (nalHrd || vclHrd) read.flag(); // low_delay_hrd_flag
  read.flag(); // pic_struct_present_flag
  const maxDecFrameBuffering = read.flag() ? readRestriction(read) : 0;
  return { sampleAspect, colour, framesPerSecond, maxDecFrameBuffering };
}

function readSampleAspect(read: BitReader): readonly [number, number] | undefined {
  const idc = read.bits(8);
  return idc === EXTENDED_SAR ? [read.bits(16), read.bits(16)] : SAMPLE_ASPECTS[idc];
}

function readColour(read: BitReader) {
  read.bits(3); // video_format
  const fullRange = read.flag();
  if (!read.flag()) return { primaries: UNSPECIFIED, transfer: UNSPECIFIED, matrix: UNSPECIFIED, fullRange };
  return { primaries: read.bits(8), transfer: read.bits(8), matrix: read.bits(8), fullRange };
}

/** A tick of H.264 is a field, so a frame has two. */
function readTiming(read: BitReader): number | undefined {
  const unitsInTick = read.bits(32);
  const timeScale = read.bits(32);
  read.flag(); // fixed_frame_rate_flag
  return unitsInTick === 0 ? undefined : timeScale / (2 * unitsInTick);
}

function skipHrd(read: BitReader): void {
  const schedules = read.unsigned() + 1;
  read.bits(8); // scales
  for (let at = 0; at < schedules; at += 1) {
    read.unsigned();
    read.unsigned();
    read.flag();
  }
  read.bits(20); // lengths
}

function readRestriction(read: BitReader): number {
  read.flag();
  for (let skipped = 0; skipped < 5; skipped += 1) read.unsigned(); // bytes, bits, two vector lengths, reordered frames
  return read.unsigned();
}
