import { randomUUID } from 'node:crypto';
import type { Job } from '@aws-sdk/client-mediaconvert';
import type { SourceFacts } from '../ffmpeg/read-source.ts';
import { codecName } from './codec-names.ts';
import type { JobPhase } from './execute-job.ts';
import type { GroupResult } from './group-result.ts';

/** An event as EventBridge delivers it. */
export interface JobEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'MediaConvert Job State Change';
  readonly source: 'aws.mediaconvert';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: JobEventDetail;
}

export interface JobEventDetail {
  /** Epoch milliseconds, unlike the API's seconds. */
  readonly timestamp: number;
  readonly accountId: string;
  readonly queue: string;
  readonly jobId: string;
  readonly status: 'INPUT_INFORMATION' | 'PROGRESSING' | 'STATUS_UPDATE' | 'COMPLETE' | 'ERROR' | 'CANCELED';
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** Wraps what is particular to one event. */
export function jobEvent(
  job: Job,
  { now, region, accountId }: { now: Date; region: string; accountId: string },
  detail: Pick<JobEventDetail, 'status'> & Record<string, unknown>,
): JobEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'MediaConvert Job State Change',
    source: 'aws.mediaconvert',
    account: accountId,
    time: `${now.toISOString().slice(0, 19)}Z`,
    region,
    resources: [job.Arn ?? ''],
    detail: {
      timestamp: now.getTime(),
      accountId,
      queue: job.Queue ?? '',
      jobId: job.Id ?? '',
      userMetadata: job.UserMetadata ?? {},
      ...detail,
    },
  };
}

/** `inputDetails` of INPUT_INFORMATION. */
export function inputDetails({ streams }: SourceFacts, uri: string): Record<string, unknown>[] {
  const video = streams.filter((stream) => stream.kind === 'video');
  const audio = streams.filter((stream) => stream.kind === 'audio');
  return [
    {
      id: 1,
      uri,
      audio: audio.map(({ index, channels, codec, language, sampleRateHz }) => ({
        channels,
        codec: codecName(codec),
        language: (language ?? 'und').toUpperCase(),
        sampleRate: sampleRateHz,
        streamId: index + 1,
      })),
      video: video.map(({ index, bitDepth, codec, fourCc, averageRate, heightPx, widthPx, fieldOrder, sampleAspect }) => ({
        bitDepth,
        codec: eventCodecName(codec),
        fourCC: fourCc,
        frameRate: averageRate === undefined ? undefined : Number((averageRate.numerator / averageRate.denominator).toFixed(3)),
        height: heightPx,
        interlaceMode: fieldOrder === undefined || fieldOrder === 'progressive' ? 'PROGRESSIVE' : 'INTERLACED',
        sar: `${sampleAspect.numerator}:${sampleAspect.denominator}`,
        streamId: index + 1,
        width: widthPx,
      })),
    },
  ];
}

/** The events call two codecs otherwise than Probe does. */
function eventCodecName(codec: string): string {
  const name = codecName(codec);
  return name === 'AVC' ? 'H_264' : name === 'HEVC' ? 'H_265' : name;
}

const PHASES: readonly JobPhase[] = ['PROBING', 'TRANSCODING', 'UPLOADING'];

/** `jobProgress` of STATUS_UPDATE. */
export function jobProgress(phase: JobPhase, phasePercent: number, jobPercent: number, retryCount = 0): Record<string, unknown> {
  const at = PHASES.indexOf(phase);
  const phaseProgress = PHASES.map((name, index) => {
    const status = index < at ? 'COMPLETE' : index === at ? 'PROGRESSING' : 'PENDING';
    return [name, { status, percentComplete: index < at ? 100 : index === at ? Math.floor(phasePercent) : 0 }];
  });
  return { phaseProgress: Object.fromEntries(phaseProgress), jobPercentComplete: jobPercent, currentPhase: phase, retryCount };
}

/** `outputGroupDetails` of COMPLETE, with the paths that GetJob does not tell. */
export function outputGroupDetails(results: readonly GroupResult[]): Record<string, unknown>[] {
  return results.map(({ type, playlistFilePaths, outputs }) => ({
    type,
    ...(playlistFilePaths === undefined ? {} : { playlistFilePaths }),
    outputDetails: outputs.map(({ outputFilePaths, durationMs, widthPx, heightPx, averageBitrateBps }) => ({
      outputFilePaths,
      durationInMs: durationMs,
      videoDetails: {
        widthInPx: widthPx,
        heightInPx: heightPx,
        ...(averageBitrateBps === undefined ? {} : { averageBitrate: averageBitrateBps }),
      },
    })),
  }));
}
