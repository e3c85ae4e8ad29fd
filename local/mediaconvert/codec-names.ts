import type { Codec, ColorPrimaries, MatrixCoefficients, TransferCharacteristics } from '@aws-sdk/client-mediaconvert';

/** ffmpeg's names on the left, Probe's on the right. What is not listed is UNKNOWN, or left out. */
const CODECS: Readonly<Record<string, Codec>> = {
  aac: 'AAC',
  ac3: 'AC3',
  amr_nb: 'AMR',
  amr_wb: 'AMR',
  av1: 'AV1',
  dnxhd: 'VC3',
  dvvideo: 'DV',
  eac3: 'EAC3',
  eia_608: 'C608',
  flac: 'FLAC',
  h263: 'H263',
  h264: 'AVC',
  hevc: 'HEVC',
  jpeg2000: 'JPEG2000',
  mjpeg: 'MJPEG',
  mp2: 'MP2',
  mp3: 'MP3',
  mpeg1video: 'MPEG1',
  mpeg2video: 'MPEG2',
  mpeg4: 'MP4V',
  opus: 'OPUS',
  prores: 'PRORES',
  qtrle: 'QTRLE',
  rawvideo: 'UNCOMPRESSED',
  theora: 'THEORA',
  vc1: 'VC1',
  vorbis: 'VORBIS',
  vp8: 'VP8',
  vp9: 'VP9',
  webvtt: 'WEBVTT',
  wmapro: 'WMAPRO',
  wmav1: 'WMA',
  wmav2: 'WMA2',
};

const PRIMARIES: Readonly<Record<string, ColorPrimaries>> = {
  bt709: 'ITU_709',
  bt470m: 'ITU_470M',
  bt470bg: 'ITU_470BG',
  smpte170m: 'SMPTE_170M',
  smpte240m: 'SMPTE_240M',
  film: 'GENERIC_FILM',
  bt2020: 'ITU_2020',
  smpte428: 'SMPTE_428_1',
  smpte431: 'SMPTE_431_2',
  smpte432: 'SMPTE_EG_432_1',
};

const MATRICES: Readonly<Record<string, MatrixCoefficients>> = {
  gbr: 'RGB',
  bt709: 'ITU_709',
  fcc: 'FCC',
  bt470bg: 'ITU_470BG',
  smpte170m: 'SMPTE_170M',
  smpte240m: 'SMPTE_240M',
  bt2020nc: 'ITU_2020_NCL',
  bt2020c: 'ITU_2020_CL',
};

const TRANSFERS: Readonly<Record<string, TransferCharacteristics>> = {
  bt709: 'ITU_709',
  gamma22: 'ITU_470M',
  gamma28: 'ITU_470BG',
  smpte170m: 'SMPTE_170M',
  smpte240m: 'SMPTE_240M',
  linear: 'LINEAR',
  'iec61966-2-1': 'IEC_61966_2_1',
  'iec61966-2-4': 'IEC_61966_2_4',
  'bt2020-10': 'ITU_2020_10bit',
  'bt2020-12': 'ITU_2020_12bit',
  smpte2084: 'SMPTE_2084',
  smpte428: 'SMPTE_428_1',
  'arib-std-b67': 'ARIB_B67',
};

export const codecName = (codec: string): Codec => CODECS[codec] ?? (codec.startsWith('pcm_') ? 'PCM' : 'UNKNOWN');
export const primariesName = (name: string | undefined): ColorPrimaries | undefined => PRIMARIES[name ?? ''];
export const matrixName = (name: string | undefined): MatrixCoefficients | undefined => MATRICES[name ?? ''];
export const transferName = (name: string | undefined): TransferCharacteristics | undefined => TRANSFERS[name ?? ''];
