import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { aacCodec } from './check/adts.ts';
import { measureBandwidth } from './check/bandwidth.ts';
import { checkStoryboard, type Storyboard } from './check/check-storyboard.ts';
import { compareRungs } from './check/compare-rungs.ts';
import { type Fault, type Findings, newFindings } from './check/fault-log.ts';
import { type MeasuredRendition, writeMultivariant } from './check/multivariant.ts';
import { checkMultivariant } from './check/multivariant-rules.ts';
import { OutputFolder } from './check/output-folder.ts';
import { checkPicture, comparePictures } from './check/picture-rules.ts';
import { checkMediaPlaylist, comparePlaylists, SEGMENT_SECONDS } from './check/playlist-rules.ts';
import { CheckProgress, findingsOf, progressOf } from './check/progress.ts';
import { type OutputFiles, type RungFiles, readRungs } from './check/read-rungs.ts';
import { checkRung, measuredRate, measuredSeconds } from './check/rung-rules.ts';
import { newRungState, type RungState } from './check/rung-state.ts';
import { avcCodec, parseSps, type SequenceParameters } from './check/sps.ts';
import { walkSegments } from './check/walk-segments.ts';
import { outputPrefix, Upload } from './upload.ts';

const Pixels = z.number().int().min(1);

export const CheckOutputInput = z.object({
  upload: Upload,
  promised: z.object({
    renditions: z.array(z.object({ name: z.string().regex(/^[A-Za-z0-9-]+$/), widthPx: Pixels, heightPx: Pixels })).min(1),
    /** Of the source; 0 where its container does not say. */
    durationSeconds: z.number().min(0),
    hasAudio: z.boolean(),
    framesPerSecond: z.number().positive(),
    /** Upright, with square pixels. */
    source: z.object({ widthPx: Pixels, heightPx: Pixels }),
  }),
  /** What the last call answered, when it asked to be called again. */
  progress: CheckProgress.optional(),
});
export type CheckOutputInput = z.output<typeof CheckOutputInput>;

export interface CheckedRendition extends MeasuredRendition {
  /** Of its segments. */
  readonly bytes: number;
  readonly durationSeconds: number;
}

export type CheckOutputOutput =
  | { readonly continue: true; readonly progress: CheckProgress }
  | {
      readonly continue: false;
      readonly passed: boolean;
      /** At most 20, at least one of every check that failed as far as they go; `faultCount` says how many there are. */
      readonly faults: readonly Fault[];
      readonly faultCount: number;
      readonly warnings: readonly Fault[];
      readonly renditions: readonly CheckedRendition[];
      readonly durationSeconds: number;
      /** Of everything in the output's folder. */
      readonly totalBytes: number;
      readonly storyboard: Storyboard | null;
    };

export interface CheckOutputDependencies {
  readonly s3: S3Client;
  readonly timeLeftMs: () => number;
}

/** What the segments in flight and the end of the check may still take. */
const MARGIN_MS = 60_000;

/**
 * Checks an encoded output, whoever made it, before anyone can play it: every check of docs/decisions/0014-output-check.md that reading alone can
 * decide. Reads only, so every repeat is safe. What is wrong with the output is answered; what is wrong with S3 is thrown.
 */
export async function checkOutput(
  { upload, promised, progress }: CheckOutputInput,
  { s3, timeLeftMs }: CheckOutputDependencies,
): Promise<CheckOutputOutput> {
  const folder = new OutputFolder(s3, upload.bucket, `${outputPrefix('encoded', upload)}/`);
  const findings = progress === undefined ? newFindings() : findingsOf(progress);
  const names = promised.renditions.map(({ name }) => name);
  // A check that goes on has the playlists' faults already.
  const files = await readRungs(folder, names, progress === undefined ? findings : newFindings());
  if (progress === undefined) checkPlaylists(files.rungs, promised.framesPerSecond, findings);
  const walk = await walkSegments(
    folder,
    files.rungs,
    {
      from: progress ?? { next: 0, states: {} },
      hasAudio: promised.hasAudio,
      framesPerSecond: promised.framesPerSecond,
      isTimeUp: () => timeLeftMs() < MARGIN_MS,
    },
    findings,
  );
  if (!walk.done) return { continue: true, progress: progressOf(walk, findings) };
  return await conclude(folder, files, walk.states, promised, findings);
}

function checkPlaylists(rungs: readonly RungFiles[], framesPerSecond: number, findings: Findings): void {
  // Above 60 the job halves the rate, so a picture lasts at least a sixtieth.
  const frameSeconds = 1 / Math.min(framesPerSecond, 60);
  for (const { playlist, playlistFile } of rungs) checkMediaPlaylist(playlist, playlistFile, frameSeconds, findings);
  comparePlaylists(new Map(rungs.map(({ playlistFile, playlist }) => [playlistFile, playlist])), frameSeconds, findings);
}

/** What can be said only when everything has been read. */
async function conclude(
  folder: OutputFolder,
  files: OutputFiles,
  states: Readonly<Record<string, RungState>>,
  promised: CheckOutputInput['promised'],
  findings: Findings,
): Promise<CheckOutputOutput> {
  const renditions: CheckedRendition[] = [];
  const pictures = new Map<string, SequenceParameters>();
  for (const rung of files.rungs) {
    const state = states[rung.name] ?? newRungState();
    checkRung(state, rung.playlist, rung.playlistFile, promised, findings);
    const sps = readPicture(rung, state, promised, findings);
    if (sps === undefined) continue;
    pictures.set(rung.playlistFile, sps);
    renditions.push(describe(rung, state, sps, promised));
  }
  comparePictures(pictures, findings);
  compareRungs(new Map(files.rungs.map((rung) => [rung.playlistFile, states[rung.name] ?? newRungState()])), promised, findings);
  checkMultivariant(Buffer.from(writeMultivariant(renditions)), 'index.m3u8', renditions, findings);
  const durationSeconds = renditions[0]?.durationSeconds ?? 0;
  const storyboard = await checkStoryboard(folder, files.images, durationSeconds, findings);
  const { faults, warnings } = findings;
  return {
    continue: false,
    passed: faults.count === 0,
    faults: faults.listed,
    faultCount: faults.count,
    warnings: warnings.listed,
    renditions,
    durationSeconds,
    totalBytes: files.totalBytes,
    storyboard,
  };
}

function readPicture(
  { name, playlistFile }: RungFiles,
  state: RungState,
  promised: CheckOutputInput['promised'],
  findings: Findings,
): SequenceParameters | undefined {
  const size = promised.renditions.find((rendition) => rendition.name === name);
  if (state.sps === null || size === undefined) {
    findings.faults.add(17, playlistFile, 'no sequence parameter set in any segment', 'one before each IDR');
    return undefined;
  }
  try {
    const sps = parseSps(Buffer.from(state.sps, 'hex'));
    checkPicture(sps, playlistFile, { ...size, framesPerSecond: measuredRate(state, promised), source: promised.source }, findings);
    return sps;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'BitsExhaustedError') throw error;
    findings.faults.add(17, playlistFile, `a sequence parameter set that cannot be read: ${error.message}`, 'a whole one');
    return undefined;
  }
}

function describe(rung: RungFiles, state: RungState, sps: SequenceParameters, promised: CheckOutputInput['promised']): CheckedRendition {
  const segments = rung.segments.map(({ bytes, segment }) => ({ bytes, durationSeconds: segment.durationSeconds }));
  const { averageBps, peakBps } = measureBandwidth(segments, rung.playlist.targetSeconds ?? SEGMENT_SECONDS);
  const audio = state.audio?.format;
  return {
    name: rung.name,
    widthPx: sps.widthPx,
    heightPx: sps.heightPx,
    codecs: [avcCodec(sps), ...(audio ? [aacCodec(audio)] : [])].join(','),
    frameRate: measuredRate(state, promised),
    averageBandwidthBps: averageBps,
    bandwidthBps: peakBps,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    durationSeconds: measuredSeconds(state, promised),
  };
}
