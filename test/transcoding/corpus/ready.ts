import { turned } from './change-file.ts';
import type { CorpusEntry, ReadyVideo } from './corpus-entry.ts';
import { AAC, clip, H264, MP4 } from './recipes.ts';

const MOV = ['-f', 'mov'];
const MKV = ['-f', 'matroska'];
const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '2M', '-pix_fmt', 'yuv420p'];
const OPUS = ['-c:a', 'libopus', '-b:a', '96k'];

/** What becomes of a clip of 640×360 at 30, two seconds with sound, where an entry does not say otherwise. */
function ready(different: Partial<ReadyVideo> = {}): ReadyVideo {
  const { seconds = 2, framesPerSecond = 30 } = different;
  return {
    ...{ renditions: ['360p 640x360'], seconds, framesPerSecond, frames: Math.round(seconds * framesPerSecond), audio: true, minSsim: 0.9 },
    ...different,
  };
}

/** Files that become videos that play. */
export const readyEntries: readonly CorpusEntry[] = [
  {
    ...{ name: 'h264-aac.mp4', what: 'MP4 with H.264 and AAC, longer than its preview', always: true },
    made: clip({ width: 1_280, height: 720, seconds: 4 }),
    expected: ready({ renditions: ['720p 1280x720', '480p 854x480', '360p 640x360'], seconds: 4 }),
  },
  {
    ...{ name: 'full-hd.mp4', what: '1080p: the whole ladder' },
    made: clip({ width: 1_920, height: 1_080, seconds: 1 }),
    expected: ready({ renditions: ['1080p 1920x1080', '720p 1280x720', '480p 854x480', '360p 640x360'], seconds: 1 }),
  },
  {
    ...{ name: 'rotated-90.mov', what: 'stored lying, shown upright', always: true },
    // Turned back before it is stored, so that it is upright when it is shown.
    made: clip({ width: 360, height: 640, filters: 'transpose=cclock', format: MOV, change: turned(90) }),
    expected: ready({ renditions: ['360p 360x640'] }),
  },
  {
    ...{ name: 'rotated-180.mov', what: 'stored upside down' },
    made: clip({ filters: 'hflip,vflip', format: MOV, change: turned(180) }),
    expected: ready(),
  },
  {
    ...{ name: 'rotated-270.mov', what: 'stored lying to the other side' },
    made: clip({ width: 360, height: 640, filters: 'transpose=clock', format: MOV, change: turned(270) }),
    expected: ready({ renditions: ['360p 360x640'] }),
  },
  { name: 'h264.mkv', what: 'Matroska with H.264 and AAC', made: clip({ format: MKV }), expected: ready() },
  {
    ...{ name: 'vp9-opus.webm', what: 'WebM with VP9 and Opus', always: true },
    made: clip({ video: VP9, audio: OPUS, format: ['-f', 'webm'] }),
    expected: ready(),
  },
  {
    ...{ name: 'mjpeg.avi', what: 'AVI with MJPEG and PCM' },
    made: clip({ video: ['-c:v', 'mjpeg', '-q:v', '2', '-pix_fmt', 'yuvj420p'], audio: ['-c:a', 'pcm_s16le'], format: ['-f', 'avi'] }),
    expected: ready(),
  },
  {
    ...{ name: 'hevc.mp4', what: 'MP4 with HEVC' },
    made: clip({ video: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p'] }),
    expected: ready(),
  },
  {
    ...{ name: 'fragmented.mp4', what: 'MP4 of fragments, as streams are recorded' },
    made: clip({ format: ['-movflags', '+frag_keyframe+empty_moov', '-f', 'mp4'] }),
    // Without an edit list the sound starts up to two pictures before the picture, which is held until then.
    expected: ready({ frames: 61, minSsim: undefined }),
  },
  {
    ...{ name: 'moov-last.mp4', what: 'its index behind the media' },
    made: clip({ format: ['-f', 'mp4'] }),
    expected: ready(),
  },
  {
    ...{ name: 'surround.mp4', what: 'sound of six channels' },
    made: clip({ audio: ['-c:a', 'aac', '-ac', '6', '-b:a', '256k'] }),
    expected: ready(),
  },
  {
    ...{ name: 'sound-longer.mp4', what: 'sound that goes on for a second behind the picture' },
    made: clip({ soundSeconds: 3 }),
    expected: ready(),
  },
  {
    ...{ name: 'sound-much-longer.mp4', what: 'sound five times as long as the picture' },
    made: clip({ soundSeconds: 10 }),
    expected: ready(),
  },
  {
    ...{ name: 'sound-shorter.mp4', what: 'sound that ends a second before the picture' },
    made: clip({ soundSeconds: 1 }),
    expected: ready(),
  },
  {
    ...{ name: 'portrait.mp4', what: 'upright, between two rungs' },
    made: clip({ width: 404, height: 720 }),
    expected: ready({ renditions: ['360p 360x642'] }),
  },
  {
    ...{ name: 'square.mp4', what: 'square' },
    made: clip({ width: 480, height: 480 }),
    expected: ready({ renditions: ['480p 480x480', '360p 360x360'] }),
  },
  {
    ...{ name: 'sd.mp4', what: '4:3' },
    made: clip({ width: 640, height: 480 }),
    expected: ready({ renditions: ['480p 640x480', '360p 480x360'] }),
  },
  {
    ...{ name: 'odd.webm', what: 'odd sides' },
    made: clip({ width: 853, height: 479, video: VP9, audio: OPUS, format: ['-f', 'webm'] }),
    expected: ready({ renditions: ['360p 642x360'] }),
  },
  {
    ...{ name: '23.976.mp4', what: '24000/1001 pictures a second, two segments' },
    made: clip({ width: 426, height: 240, rate: '24000/1001', seconds: 8 }),
    expected: ready({ renditions: ['240p 426x240'], seconds: 8, framesPerSecond: 24_000 / 1_001 }),
  },
  {
    ...{ name: '25.mp4', what: '25 pictures a second, three segments', always: true },
    made: clip({ rate: '25', seconds: 13 }),
    expected: ready({ seconds: 13, framesPerSecond: 25 }),
  },
  {
    ...{ name: '29.97.mp4', what: '30000/1001 pictures a second, three segments' },
    made: clip({ width: 426, height: 240, rate: '30000/1001', seconds: 13 }),
    expected: ready({ renditions: ['240p 426x240'], seconds: 13, framesPerSecond: 30_000 / 1_001 }),
  },
  {
    ...{ name: '60.mp4', what: '60 pictures a second, two segments' },
    made: clip({ rate: '60', seconds: 7 }),
    expected: ready({ seconds: 7, framesPerSecond: 60 }),
  },
  {
    ...{ name: '120.mp4', what: '120 pictures a second: halved' },
    made: clip({ width: 320, height: 180, rate: '120' }),
    expected: ready({ renditions: ['180p 320x180'], framesPerSecond: 60, minSsim: undefined }),
  },
  {
    ...{
      name: 'variable-rate.mp4',
      what: '30 pictures in the first second, 10 in each of the others: 16.7 on the whole, rounded up to 24',
    },
    made: clip({ seconds: 4, filters: `select='lt(t\\,1)+not(mod(n\\,3))'`, video: [...H264, '-bf', '0'] }),
    // How long its last picture lasts is the muxer's guess.
    expected: ready({ seconds: 4, framesPerSecond: 24, frames: 95, minSsim: undefined }),
  },
  {
    ...{
      name: 'variable-rate-b-frames.mp4',
      what: 'the same with pictures out of order, whose header states less than is shown',
      always: true,
    },
    made: clip({ seconds: 4, filters: `select='lt(t\\,1)+not(mod(n\\,3))'` }),
    // Old muxers end the edit list before the last two pictures, which are not shown then.
    expected: ready({ seconds: 4, framesPerSecond: 24, frames: 92, framesWithin: 3, minSsim: undefined }),
  },
  {
    ...{ name: 'interlaced.mp4', what: 'fields, and pixels that are not square (PAL, 16:9)' },
    made: clip({
      ...{ width: 720, height: 576, rate: '50', filters: 'tinterlace=interleave_top,setsar=64/45' },
      video: [...H264, '-flags', '+ilme+ildct', '-top', '1'],
    }),
    expected: ready({ renditions: ['480p 854x480', '360p 640x360'], framesPerSecond: 25, minSsim: undefined }),
  },
  {
    ...{ name: 'silent.mp4', what: 'without sound', always: true },
    made: clip({ audio: [] }),
    expected: ready({ audio: false }),
  },
  {
    ...{ name: 'one-frame.mp4', what: 'a single picture' },
    made: clip({ audio: [], format: ['-frames:v', '1', ...MP4] }),
    expected: ready({ audio: false, seconds: 1 / 30, frames: 1 }),
  },
  {
    ...{ name: 'hdr10.mp4', what: 'HDR10: BT.2020 and PQ in 10 bits' },
    made: clip({
      video: [
        ...['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le'],
        ...['-x265-params', 'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc'],
        ...['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'],
      ],
    }),
    expected: ready({ minSsim: undefined }),
  },
  {
    ...{ name: '200x100.mp4', what: 'smaller than the lowest rung' },
    made: clip({ width: 200, height: 100 }),
    expected: ready({ renditions: ['100p 200x100'] }),
  },
  {
    ...{ name: 'wrong-extension.avi', what: 'an MP4 that is called AVI', always: true },
    made: clip({ width: 320, height: 180 }),
    expected: ready({ renditions: ['180p 320x180'] }),
  },
  {
    ...{ name: 'holiday.mp4.mkv', what: 'a double extension, of an MP4' },
    made: clip({ width: 320, height: 180 }),
    expected: ready({ renditions: ['180p 320x180'] }),
  },
  {
    ...{ name: '여름 휴가 + 100%2F (최종).MP4', what: 'a name with spaces, Korean, + and %2F', always: true },
    made: clip({ width: 320, height: 180, audio: AAC }),
    expected: ready({ renditions: ['180p 320x180'] }),
  },
];
