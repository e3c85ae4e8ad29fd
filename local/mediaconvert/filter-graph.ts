import type { AudioStream, VideoStream } from '../ffmpeg/source-stream.ts';
import { fitPicture, uprightSize } from './picture-size.ts';
import type { PicturePlan } from './plan-job.ts';

/** What an output wants from the decoded picture. */
export interface PictureBranch {
  readonly plan: PicturePlan;
  /** Filters before scaling: those that choose frames. */
  readonly before: readonly string[];
  /** Filters after scaling: the pixel format. */
  readonly after: readonly string[];
  /** JPEG wants BT.601 in full range; video keeps the source's or BT.709. */
  readonly colour: 'video' | 'jpeg';
}

const HDR_TRANSFERS = ['smpte2084', 'arib-std-b67'];
/** From a linear light image in floating point to BT.709; ffmpeg's own recipe, both supported generations have it. */
const TONE_MAP = 'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv';

/** One decode for all outputs: turn, deinterlace, split, then a branch per output that ends in `[v0]`, `[v1]`… */
export function videoGraph(source: VideoStream, rotationDegrees: number, branches: readonly PictureBranch[]): string {
  const isInterlaced = source.fieldOrder !== undefined && source.fieldOrder !== 'progressive';
  const shared = [
    ...(isInterlaced || branches.some(({ plan }) => plan.deinterlace) ? ['yadif=mode=0:deint=interlaced'] : []),
    ...turn(rotationDegrees),
    `split=${branches.length}`,
  ];
  const heads = branches.map((_, index) => `[s${index}]`).join('');
  const tails = branches.map((branch, index) => {
    const filters = [...branch.before, ...resize(source, rotationDegrees, branch), ...branch.after];
    return `[s${index}]${filters.join(',')}[v${index}]`;
  });
  return [`[0:${source.index}]${shared.join(',')}${heads}`, ...tails].join(';');
}

export interface AudioBranch {
  /** Distinguishes the branches of all tracks: the output's position. */
  readonly label: number;
  readonly sampleRateHz: number;
}

/**
 * One decode of a track for all outputs that use it, each ending in `[a<label>]`: stereo, holes filled, starting at 0 with the picture and,
 * when the picture's end is known, exactly as long as it.
 */
export function audioGraph(source: AudioStream, branches: readonly AudioBranch[], endSeconds: number | undefined): string {
  const heads = branches.map(({ label }) => `[b${label}]`).join('');
  const length = endSeconds === undefined ? '' : `,apad,atrim=end=${endSeconds.toFixed(6)}`;
  const tails = branches.map(({ label, sampleRateHz }) => {
    return `[b${label}]aresample=${sampleRateHz}:async=1:first_pts=0,aformat=channel_layouts=stereo${length}[a${label}]`;
  });
  return [`[0:${source.index}]asplit=${branches.length}${heads}`, ...tails].join(';');
}

function turn(degrees: number): string[] {
  const filters: Record<number, string[]> = { 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] };
  return filters[degrees] ?? [];
}

function resize(source: VideoStream, rotationDegrees: number, { plan, colour }: PictureBranch): string[] {
  const { scaled, output } = fitPicture(uprightSize(source, rotationDegrees, plan.squarePixels), plan);
  const isPadded = output.widthPx > scaled.widthPx || output.heightPx > scaled.heightPx;
  const isCut = output.widthPx < scaled.widthPx || output.heightPx < scaled.heightPx;
  const isHdr = HDR_TRANSFERS.includes(source.colorTransfer ?? '');
  const toBt709 = plan.forceBt709 || (colour === 'jpeg' && isHdr);
  const matrix = toBt709 && isHdr ? 'bt709' : matrixOf(source);
  const target = colour === 'jpeg' ? 'bt601:out_range=full' : toBt709 ? 'bt709:out_range=tv' : `${matrix}:out_range=tv`;
  return [
    ...(toBt709 && isHdr ? [TONE_MAP] : []),
    `scale=w=${scaled.widthPx}:h=${scaled.heightPx}:flags=bicubic:in_color_matrix=${matrix}:out_color_matrix=${target}`,
    ...(isPadded ? [`pad=${output.widthPx}:${output.heightPx}:(ow-iw)/2:(oh-ih)/2`] : []),
    ...(isCut ? [`crop=${output.widthPx}:${output.heightPx}`] : []),
    plan.squarePixels ? 'setsar=1' : `setsar=${sampleAspect(source, rotationDegrees)}`,
  ];
}

function sampleAspect({ sampleAspect: { numerator, denominator } }: VideoStream, rotationDegrees: number): string {
  return rotationDegrees % 180 === 0 ? `${numerator}/${denominator}` : `${denominator}/${numerator}`;
}

/** The source's colour matrix by the scaler's names. A file that does not say is taken as players do: HD is BT.709, SD BT.601. */
export function matrixOf({ colorSpace, heightPx, widthPx }: VideoStream): 'bt709' | 'bt601' | 'bt2020' {
  if (colorSpace?.startsWith('bt2020')) return 'bt2020';
  if (colorSpace === 'bt709') return 'bt709';
  if (colorSpace === 'smpte170m' || colorSpace === 'bt470bg') return 'bt601';
  return Math.min(heightPx, widthPx) >= 720 ? 'bt709' : 'bt601';
}
