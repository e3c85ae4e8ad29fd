import type { AudioStream, Ratio, VideoStream } from '../ffmpeg/source-stream.ts';
import { fitPicture, type Size, uprightSize } from './picture-size.ts';
import type { PicturePlan } from './plan-output.ts';

/** What an output wants from the decoded picture. */
export interface PictureBranch {
  readonly plan: PicturePlan;
  /** The constant rate of a video; undefined for pictures taken out of it. */
  readonly rate: Ratio | undefined;
  /** Filters before scaling: those that choose frames. */
  readonly before: readonly string[];
  /** Filters after scaling: the pixel format. */
  readonly after: readonly string[];
  /** JPEG wants BT.601 in full range; video keeps the source's or BT.709. */
  readonly colour: 'video' | 'jpeg';
  /** Thumbnails made of the finished picture, which is far smaller than the decoded one. */
  readonly sheets: SheetBranch | undefined;
}

export interface SheetBranch {
  /** Every so many frames gives one. */
  readonly everyFrames: number;
  readonly thumbnail: Size;
  readonly columns: number;
  readonly rows: number;
}

type Matrix = 'bt709' | 'bt601' | 'bt2020';

const HDR_TRANSFERS = ['smpte2084', 'arib-std-b67'];

/** Two ways to bring down highlights: one keeps their detail, one the colours below them. A mapping of the service's names, not an equality. */
const TONE_CURVES = { PRESERVE_DETAILS: 'hable:desat=0', VIBRANT: 'mobius:desat=0' } as const;

/** From a linear light image in floating point to BT.709; ffmpeg's own recipe, all supported generations have it. */
function toneMap(mapper: PicturePlan['toneMapper']): string {
  return `zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=${TONE_CURVES[mapper]},zscale=t=bt709:m=bt709:r=tv,format=yuv420p`;
}

/**
 * One decode for all outputs: turn, deinterlace and whatever else they have in common, split, then a branch per output that ends in `[v0]`, `[v1]`…
 * and, when it makes sheets of thumbnails, in `[t0]`…
 */
export function videoGraph(source: VideoStream, rotationDegrees: number, branches: readonly PictureBranch[]): string {
  const isInterlaced = source.fieldOrder !== undefined && source.fieldOrder !== 'progressive';
  const rate = commonRate(branches);
  const trunk = trunkColour(source, rotationDegrees, branches);
  const shared = [
    ...(isInterlaced || branches.some(({ plan }) => plan.deinterlace) ? ['yadif=mode=0:deint=interlaced'] : []),
    ...turn(rotationDegrees),
    ...(rate === undefined ? [] : [constantRate(rate)]),
    ...trunk.filters,
    `split=${branches.length}`,
  ];
  const heads = branches.map((_, index) => `[s${index}]`).join('');
  const tails = branches.flatMap((branch, index) => {
    const ownRate = rate === undefined && branch.rate !== undefined ? [constantRate(branch.rate)] : [];
    const filters = [...ownRate, ...branch.before, ...resize(source, rotationDegrees, branch, trunk.isToneMapped), ...branch.after];
    const { sheets } = branch;
    if (sheets === undefined) return [`[s${index}]${filters.join(',')}[v${index}]`];
    const matrix = branch.plan.forceBt709 ? 'bt709' : matrixOf(source);
    return [
      `[s${index}]${filters.join(',')},split=2[v${index}][w${index}]`,
      `[w${index}]${sheetFilters(sheets, matrix).join(',')}[t${index}]`,
    ];
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

/** The rate of all videos, when it is one: then frames are doubled and dropped once, before the split. */
function commonRate(branches: readonly PictureBranch[]): Ratio | undefined {
  const rates = branches.flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
  const [first] = rates;
  return rates.every(({ numerator, denominator }) => numerator === first?.numerator && denominator === first.denominator)
    ? first
    : undefined;
}

/** start_time=0: a picture that begins late is held from 0 on, so that cuts fall on multiples of the segment length. */
function constantRate({ numerator, denominator }: Ratio): string {
  return `fps=fps=${numerator}/${denominator}:start_time=0`;
}

/** Tone mapping is dear: done once for all that want it alike, on no more pixels than the largest of them shows. */
function trunkColour(
  source: VideoStream,
  rotationDegrees: number,
  branches: readonly PictureBranch[],
): { isToneMapped: boolean; filters: string[] } {
  const mapper = branches[0]?.plan.toneMapper ?? 'PRESERVE_DETAILS';
  const wanted = branches.every(({ plan, colour }) => (plan.forceBt709 || colour === 'jpeg') && plan.toneMapper === mapper);
  if (!isHdr(source) || !wanted) return { isToneMapped: false, filters: [] };
  const raw = uprightSize(source, rotationDegrees, false);
  const sizes = branches.map(({ plan }) => fitPicture(uprightSize(source, rotationDegrees, plan.squarePixels), plan).scaled);
  const largest = sizes.reduce((left, right) => (area(right) > area(left) ? right : left));
  const shrink = area(largest) < area(raw) ? [`scale=w=${largest.widthPx}:h=${largest.heightPx}:flags=bicubic`] : [];
  return { isToneMapped: true, filters: [...shrink, toneMap(mapper)] };
}

function turn(degrees: number): string[] {
  const filters: Record<number, string[]> = { 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] };
  return filters[degrees] ?? [];
}

function resize(source: VideoStream, rotationDegrees: number, { plan, colour }: PictureBranch, isToneMapped: boolean): string[] {
  const { scaled, output } = fitPicture(uprightSize(source, rotationDegrees, plan.squarePixels), plan);
  const isPadded = output.widthPx > scaled.widthPx || output.heightPx > scaled.heightPx;
  const isCut = output.widthPx < scaled.widthPx || output.heightPx < scaled.heightPx;
  const toBt709 = plan.forceBt709 || (colour === 'jpeg' && isHdr(source));
  const mapsTones = toBt709 && isHdr(source) && !isToneMapped;
  const matrix = isToneMapped || mapsTones ? 'bt709' : matrixOf(source);
  const target = colour === 'jpeg' ? 'bt601' : toBt709 ? 'bt709' : matrix;
  const range = colour === 'jpeg' ? 'full' : 'tv';
  const raw = uprightSize(source, rotationDegrees, false);
  // The same picture in the same colours needs no pass over its pixels.
  const isSame = colour === 'video' && target === matrix && area(scaled) === area(raw) && scaled.widthPx === raw.widthPx && isPlain(source);
  return [
    ...(mapsTones ? [toneMap(plan.toneMapper)] : []),
    ...(isSame
      ? []
      : [
          `scale=w=${scaled.widthPx}:h=${scaled.heightPx}:flags=bicubic:in_color_matrix=${matrix}:out_color_matrix=${target}:out_range=${range}`,
        ]),
    ...(isPadded ? [`pad=${output.widthPx}:${output.heightPx}:(ow-iw)/2:(oh-ih)/2`] : []),
    ...(isCut ? [`crop=${output.widthPx}:${output.heightPx}`] : []),
    plan.squarePixels ? 'setsar=1' : `setsar=${sampleAspect(source, rotationDegrees)}`,
  ];
}

function sheetFilters({ everyFrames, thumbnail: { widthPx, heightPx }, columns, rows }: SheetBranch, matrix: Matrix): string[] {
  return [
    `select='not(mod(n,${everyFrames}))'`,
    `scale=w=${widthPx}:h=${heightPx}:flags=bicubic:in_color_matrix=${matrix}:out_color_matrix=bt601:out_range=full`,
    `tile=${columns}x${rows}`,
    'format=yuvj420p',
  ];
}

function sampleAspect({ sampleAspect: { numerator, denominator } }: VideoStream, rotationDegrees: number): string {
  return rotationDegrees % 180 === 0 ? `${numerator}/${denominator}` : `${denominator}/${numerator}`;
}

function isHdr({ colorTransfer }: VideoStream): boolean {
  return HDR_TRANSFERS.includes(colorTransfer ?? '');
}

function isPlain({ pixelFormat, colorRange }: VideoStream): boolean {
  return pixelFormat === 'yuv420p' && colorRange !== 'pc';
}

function area({ widthPx, heightPx }: Size): number {
  return widthPx * heightPx;
}

/** The source's colour matrix by the scaler's names. A file that does not say is taken as players do: HD is BT.709, SD BT.601. */
export function matrixOf({ colorSpace, heightPx, widthPx }: VideoStream): Matrix {
  if (colorSpace?.startsWith('bt2020')) return 'bt2020';
  if (colorSpace === 'bt709') return 'bt709';
  if (colorSpace === 'smpte170m' || colorSpace === 'bt470bg') return 'bt601';
  return Math.min(heightPx, widthPx) >= 720 ? 'bt709' : 'bt601';
}
