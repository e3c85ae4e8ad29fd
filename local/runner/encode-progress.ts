import type { JobProgress } from '../mediaconvert/job-runner.ts';

const KINDS: Readonly<Record<string, string>> = { hls: 'video', preview: 'preview' };

/** `c-017 video: transcoding 45 %`: which video, which of its jobs, how far. Jobs of several uploads take turns, so one line is enough. */
export function describeEncode({ jobId, userMetadata, phase, percent }: JobProgress): string {
  const { videoId = `job ${jobId}`, kind = '' } = userMetadata;
  const of = [videoId, KINDS[kind] ?? kind].filter((part) => part !== '').join(' ');
  return `${of}: ${phase.toLowerCase()} ${Math.round(percent)} %`;
}
